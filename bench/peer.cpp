// dlc as one peer among others: times the workloads named on its command line and prints one JSON
// line for each. bench/run starts it, and so can any harness that speaks the protocol:
//
//   bench_peer --peer dlc --threads 1 --budget-ms 150 --cache DIR train/mlp_b64_adam gemm/nn/m64n64k64
//
//   train/NAME              one step: forward, loss, backward, update (training_steps.h)
//   checked/NAME            the same with SessionOptions::check_numerics
//   gemm/{nn,tn,nt}/mMnNkK  C = op(A) op(B), f32
//   ew/F/nN                 gelu_affine, sigmoid, tanh, exp
//   softmax/rRcC, xent/rRcC row softmax; mean cross-entropy with its gradient, i64 labels
//   chain/nN                N dependent additions and multiplications of scalars
//   compile/NAME            from a built graph to a step that can be called: once, so give each its process
//   start/{cold,cached}/NAME from the start of a process to the first result of a step (start.h)
//
// A call is one call of a prepared step. What is timed, and how often, is that of the peers: prepare
// outside of the clock, warm up for a quarter of the budget and at least twice, then sample until the
// budget is used up, at least five times; a call under 20 us is timed in batches.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/start.h"
#include "bench/training_steps.h"

namespace {

using namespace dlc;
using Clock = std::chrono::steady_clock;

struct Arguments {
  std::string peer = "dlc";
  int threads = 1;
  double budget = 0.15;  ///< seconds
  std::vector<std::string> workloads;
};

struct Timing {
  double median = 0, fastest = 0;  ///< seconds of one call
  size_t samples = 0;
};

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

Timing summary(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  const size_t n = samples.size();
  return {n % 2 ? samples[n / 2] : (samples[n / 2 - 1] + samples[n / 2]) / 2, samples[0], n};
}

Timing measure(const std::function<void()>& call, double budget) {
  constexpr double kLong = 0.3, kShort = 20e-6;
  double one = 1e9;
  Clock::time_point start = Clock::now();
  for (int n = 0; n < (one < kLong ? 2 : 1) || (seconds_since(start) < budget / 4 && n < 100000); ++n) {
    const Clock::time_point t = Clock::now();
    call();
    one = std::min(one, seconds_since(t));
  }
  const int batch = one < kShort ? static_cast<int>(kShort / std::max(one, 5e-8)) + 1 : 1;
  std::vector<double> samples;
  start = Clock::now();
  while (samples.size() < (one < kLong ? 5u : 3u) || (seconds_since(start) < budget && samples.size() < 20000)) {
    const Clock::time_point t = Clock::now();
    for (int i = 0; i < batch; ++i) call();
    samples.push_back(seconds_since(t) / batch);
  }
  return summary(std::move(samples));
}

/// "m64n512k784": the number after `letter`, 0 where there is none.
int64_t size_of_field(std::string_view fields, char letter) {
  const size_t at = fields.find(letter);
  int64_t value = 0;
  if (at != std::string_view::npos) std::from_chars(fields.data() + at + 1, fields.data() + fields.size(), value);
  return value;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

/// What one workload calls: a prepared step and what it is fed.
struct Prepared {
  std::unique_ptr<Session> session;
  std::unique_ptr<Callable> step;
  std::vector<Array> values;
  double compile_ms = 0;  ///< from a built graph to a prepared step
};

Prepared prepare(const SessionOptions& options, const std::vector<Fetch>& fetches, const std::vector<Tensor>& feeds,
                 std::vector<Array> values, const Operation* init = nullptr) {
  Prepared p;
  p.session = std::make_unique<Session>(default_graph(), options);
  std::vector<std::pair<Tensor, FeedType>> types;
  for (size_t i = 0; i < feeds.size(); ++i)
    types.emplace_back(feeds[i], FeedType{values[i].dtype(), values[i].shape()});
  const Clock::time_point start = Clock::now();
  p.step = std::make_unique<Callable>(p.session->prepare(fetches, types));
  p.compile_ms = seconds_since(start) * 1e3;
  if (init) p.session->run(*init);
  p.values = std::move(values);
  return p;
}

Prepared prepare_operator(const SessionOptions& options, const std::vector<std::string>& name) {
  reset_default_graph();
  const auto sizes = [&](char letter) { return size_of_field(name.back(), letter); };
  if (name[0] == "gemm") {
    const int64_t m = sizes('m'), n = sizes('n'), k = sizes('k');
    const bool ta = name[1] == "tn", tb = name[1] == "nt";
    const Shape a_shape = ta ? Shape{k, m} : Shape{m, k}, b_shape = tb ? Shape{n, k} : Shape{k, n};
    const Tensor a = placeholder(kFloat32, a_shape, "a"), b = placeholder(kFloat32, b_shape, "b");
    return prepare(options, {matmul(a, b, {.transpose_a = ta, .transpose_b = tb})}, {a, b},
                   {bench::normal_values(a_shape, 1), bench::normal_values(b_shape, 2)});
  }
  if (name[0] == "ew") {
    const Tensor x = placeholder(kFloat32, {sizes('n')}, "x");
    const Tensor y = name[1] == "gelu_affine" ? gelu(x * 1.5f + 0.25f)
                     : name[1] == "sigmoid"   ? sigmoid(x)
                     : name[1] == "tanh"      ? tanh(x)
                                              : exp(x);
    return prepare(options, {y}, {x}, {bench::normal_values({sizes('n')}, 3)});
  }
  if (name[0] == "chain") {
    const auto [x, y] = bench::scalar_chain(static_cast<int>(sizes('n')));
    return prepare(options, {y}, {x}, {Array::scalar(0.75f)});
  }
  const int64_t rows = sizes('r'), columns = sizes('c');
  const Tensor x = placeholder(kFloat32, {rows, columns}, "x");
  if (name[0] == "softmax") return prepare(options, {softmax(x)}, {x}, {bench::normal_values({rows, columns}, 4)});
  const Tensor labels = placeholder(kInt64, {rows}, "labels");
  const Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits({.labels = labels, .logits = x}));
  return prepare(options, {loss, gradients(loss, x)}, {x, labels},
                 {bench::normal_values({rows, columns}, 4), bench::class_labels(rows, columns, 5)});
}

bool is_operator(const std::vector<std::string>& name) {
  const std::string& kind = name[0];
  if (kind == "gemm") return name.size() == 3 && (name[1] == "nn" || name[1] == "tn" || name[1] == "nt");
  if (kind == "ew")
    return name.size() == 3 &&
           (name[1] == "gelu_affine" || name[1] == "sigmoid" || name[1] == "tanh" || name[1] == "exp");
  return name.size() == 2 && (kind == "softmax" || kind == "xent" || kind == "chain");
}

void record_times(const Timing& t, nlohmann::ordered_json& record) {
  record["median_ms"] = t.median * 1e3;
  record["min_ms"] = t.fastest * 1e3;
  record["n"] = t.samples;
}

/// start/cold/NAME, start/cached/NAME.
void time_start(const Arguments& arguments, const std::vector<std::string>& name, nlohmann::ordered_json& record) {
  const std::vector<double> samples =
      bench::start_times(name[2], name[1] == "cached", arguments.threads, arguments.budget);
  if (samples.empty())
    record["unsupported"] = fmt::format("a process that runs '{}' fails", name[2]);
  else
    record_times(summary(samples), record);
}

/// Fills in `record`: times, or why there are none.
void time_workload(const Arguments& arguments, const std::string& workload, nlohmann::ordered_json& record) {
  const std::vector<std::string> name = split(workload, '/');
  if (name.size() == 3 && name[0] == "start" && (name[1] == "cold" || name[1] == "cached"))
    return time_start(arguments, name, record);
  const bool checked = name[0] == "checked";
  const SessionOptions options{.num_threads = arguments.threads, .kernel_cache = "off", .check_numerics = checked};
  Prepared p;
  if (name.size() == 2 && (name[0] == "train" || name[0] == "compile" || checked)) {
    std::optional<bench::TrainingStep> step = bench::training_step(name[1]);
    if (!step) {
      record["unsupported"] = fmt::format("no training step named '{}' here", name[1]);
      return;
    }
    p = prepare(options, step->fetches, step->feeds, step->values, &step->init);
  } else if (is_operator(name)) {
    p = prepare_operator(options, name);
  } else {
    record["unsupported"] = "no such workload here";
    return;
  }
  Timing t{p.compile_ms * 1e-3, p.compile_ms * 1e-3, 1};
  if (name[0] != "compile") t = measure([&] { (*p.step)(p.values); }, arguments.budget);
  record_times(t, record);
  record["compile_ms"] = p.compile_ms;
  // A step that trains nothing would be fast: the loss after all these steps goes beside the time.
  if (name[0] == "train" || checked) record["loss"] = (*p.step)(p.values).back().item<float>();
}

bool parse(int argc, char** argv, Arguments& a) {
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (!arg.starts_with("--")) {
      a.workloads.push_back(arg);
      continue;
    }
    if (i + 1 == argc) return false;
    const std::string value = argv[++i];
    if (arg == "--peer")
      a.peer = value;
    else if (arg == "--threads")
      a.threads = std::atoi(value.c_str());
    else if (arg == "--budget-ms")
      a.budget = std::atof(value.c_str()) * 1e-3;
    else if (arg != "--cache")  // nothing here comes from files
      return false;
  }
  return a.threads > 0 && a.budget > 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 6 && std::string_view(argv[1]) == "--first-result")
    return bench::first_result(argv[2], std::atoi(argv[3]), argv[4], std::atoll(argv[5]));
  Arguments arguments;
  if (!parse(argc, argv, arguments)) {
    fmt::print(stderr, "usage: {} [--peer NAME] [--threads T] [--budget-ms B] [--cache DIR] WORKLOAD...\n", argv[0]);
    return 2;
  }
  for (const std::string& workload : arguments.workloads) {
    nlohmann::ordered_json record = {{"workload", workload}, {"peer", arguments.peer}, {"threads", arguments.threads}};
    try {
      time_workload(arguments, workload, record);
    } catch (const Exception& e) {  // one that fails says so, the others follow
      record["unsupported"] = e.what();
    }
    fmt::print("{}\n", record.dump());
    std::fflush(stdout);
  }
  return 0;
}
