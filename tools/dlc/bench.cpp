// dlc bench: times a step of a model.
#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "support/philox.h"
#include "tools/dlc/kernel_table.h"
#include "tools/dlc/model.h"
#include "tools/dlc/session_options.h"
#include "tools/dlc/verb.h"

namespace dlc::tools {
namespace {

struct BenchOptions {
  std::string model, checkpoint;
  std::vector<std::string> silenced;
  std::vector<std::string> fetches, feeds;
  SessionOptions session;
  double seconds = 1.0;
  bool json = false;
};

/// Numbers in [0, 1); integers 0 or 1, which every table of classes has.
Array sample(const FeedType& type) {
  Array a(type.dtype, type.shape);
  for (int64_t i = 0; i < a.num_elements(); ++i) {
    const double u = static_cast<double>(mix64(static_cast<uint64_t>(i) + 1) >> 11) / 9007199254740992.0;
    a.set_from_double(i, is_float(type.dtype) ? u : (u < 0.5 ? 0.0 : 1.0));
  }
  return a;
}

void bench(const Graph& graph, const BenchOptions& options) {
  std::map<std::string, std::string> given;
  for (const std::string& feed : options.feeds) {
    const auto [name, value] = value_or_throw(split_assignment(feed, "NAME=DTYPE[DIMS] or NAME=FILE.npy"));
    given[name] = value;
  }
  std::vector<Fetch> fetches;
  for (const std::string& name : options.fetches) fetches.push_back(value_or_throw(find_fetch(graph, name)));
  if (fetches.empty()) fetches = default_fetches(graph);
  std::vector<std::pair<Tensor, FeedType>> types;
  std::vector<Array> values;
  for (const Tensor& t : needed_placeholders(graph, fetches)) {
    const auto it = given.find(t.name());
    const bool file = it != given.end() && it->second.find('[') == std::string::npos;
    values.push_back(file ? value_or_throw(read_array(it->second)) : sample(value_or_throw(feed_type(t, given))));
    types.emplace_back(t, FeedType{values.back().dtype(), values.back().shape()});
  }
  Session session(graph, options.session);
  value_or_throw(initialize(session, options.checkpoint));
  using Clock = std::chrono::steady_clock;
  const auto seconds = [](Clock::time_point since) {
    return std::chrono::duration<double>(Clock::now() - since).count();
  };
  const auto compiling = Clock::now();
  Callable step = session.prepare(fetches, types);
  const double compile_seconds = seconds(compiling);
  // A step that is too short for the clock is timed in batches of about 20 µs.
  const auto first = Clock::now();
  step(values);
  const double first_seconds = seconds(first);
  int64_t per_sample = 1;
  for (int round = 0; round < 3; ++round) {
    const auto t = Clock::now();
    for (int64_t i = 0; i < per_sample; ++i) step(values);
    const double one = seconds(t) / static_cast<double>(per_sample);
    per_sample = std::max<int64_t>(1, static_cast<int64_t>(20e-6 / std::max(one, 1e-9)));
  }
  const auto warm = Clock::now();
  while (seconds(warm) < options.seconds / 4) step(values);
  std::vector<double> samples;
  const auto start = Clock::now();
  while (samples.size() < 5 || seconds(start) < options.seconds) {
    const auto t = Clock::now();
    for (int64_t i = 0; i < per_sample; ++i) step(values);
    samples.push_back(seconds(t) / static_cast<double>(per_sample));
  }
  std::sort(samples.begin(), samples.end());
  const double median = samples[samples.size() / 2];
  const SessionStats stats = session.stats();
  if (options.json) {
    fmt::print("{}\n", nlohmann::json{{"model", options.model},
                                      {"threads", options.session.num_threads},
                                      {"median_ms", median * 1e3},
                                      {"min_ms", samples.front() * 1e3},
                                      {"n", samples.size()},
                                      {"compile_ms", compile_seconds * 1e3},
                                      {"first_run_ms", first_seconds * 1e3},
                                      {"arena_bytes", step.arena_bytes()},
                                      {"kernels", stats.kernels_compiled}}
                           .dump());
    return;
  }
  const auto time_str = [](double s) {
    return s < 1e-3 ? fmt::format("{:.2f} us", s * 1e6) : fmt::format("{:.3f} ms", s * 1e3);
  };
  fmt::print("{}: median {}, min {} over {} samples; compiled in {:.0f} ms, arena {} KiB, threads {}\n", options.model,
             time_str(median), time_str(samples.front()), samples.size(), compile_seconds * 1e3,
             (step.arena_bytes() + 1023) / 1024,
             options.session.num_threads == 0 ? "all" : fmt::format("{}", options.session.num_threads));
  if (options.session.profile) fmt::print("{}", kernel_table(step.profile()));
}

}  // namespace

std::function<int()> setup_bench(CLI::App& app) {
  auto o = std::make_shared<BenchOptions>();
  app.add_option("model", o->model, "Graph file (.dlc)")->required();
  add_silence_option(app, o->silenced);
  app.add_option("--fetch", o->fetches,
                 "NAME or NAME:K, operations too; without it, every tensor that nothing else computes with");
  app.add_option("--feed", o->feeds, "NAME=DTYPE[DIMS] (made-up numbers) or NAME=FILE.npy");
  add_session_options(app, o->session);
  app.add_option("--seconds", o->seconds, "How long to measure, after a warm-up of a quarter of it")
      ->check(CLI::Range(1e-3, 1e6))
      ->capture_default_str();
  app.add_option("--checkpoint", o->checkpoint, "Variables from this safetensors file instead of their initialisers");
  app.add_flag("--fuse,!--no-fuse", o->session.fuse, "Group operations into kernels (the default)");
  app.add_flag("--profile", o->session.profile,
               "Print the time, the work and the nodes of each kernel (the step is then run call by call)");
  app.add_flag("--json", o->json, "One line of JSON instead of text");
  return [o] {
    Expected<Model> model = load_model(o->model, o->silenced);
    if (!model) return report(model.error());
    if (!model->graph)
      return report(make_error(ErrorCode::kInvalidArgument, "'{}' is IR text; bench needs a graph file", o->model));
    bench(*model->graph, *o);
    return static_cast<int>(kDone);
  };
}

}  // namespace dlc::tools
