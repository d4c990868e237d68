// dlc run: one run of a model; results are printed or written as .npy files.
#include <algorithm>
#include <filesystem>
#include <memory>

#include "backend/compiler.h"
#include "frontend/data/dataset.h"
#include "frontend/data/npy.h"
#include "ir/interp/bind_symbols.h"
#include "runtime/open_program.h"
#include "runtime/parallel.h"
#include "tools/dlc/data_source.h"
#include "tools/dlc/model.h"
#include "tools/dlc/run.h"
#include "tools/dlc/session_options.h"
#include "tools/dlc/verb.h"

namespace dlc::tools {
namespace {

Expected<NamedResults> run_graph(const Graph& graph, const RunOptions& options) {
  std::vector<Fetch> fetches;
  for (const std::string& name : options.fetches) {
    DLC_ASSIGN_OR_RETURN(const Fetch f, find_fetch(graph, name));
    fetches.push_back(f);
  }
  if (fetches.empty()) fetches = default_fetches(graph);
  if (fetches.empty())
    return make_error(ErrorCode::kInvalidArgument, "the model has no outputs; name some with --fetch");
  Feeds feeds;
  for (const std::string& feed : options.feeds) {
    DLC_ASSIGN_OR_RETURN(const auto parts, split_assignment(feed, "NAME=FILE.npy"));
    DLC_ASSIGN_OR_RETURN(const Tensor t, find_tensor(graph, parts.first));
    DLC_ASSIGN_OR_RETURN(const Array value, read_array(parts.second));
    feeds.emplace_back(t, value);
  }
  LabelledImages drawn;
  if (!options.data.empty()) {
    DLC_ASSIGN_OR_RETURN(Dataset dataset, load_dataset(options.data));
    drawn = std::move(dataset.test);
    DLC_ASSIGN_OR_RETURN(const DataFeeds bound,
                         bind_dataset(graph, fetches, drawn, std::max<int64_t>(options.draw, 1)));
    feeds.insert(feeds.end(), bound.feeds.begin(), bound.feeds.end());
  }
  return catching([&] {
    Session session(graph, options.session);
    value_or_throw(initialize(session, options.checkpoint));
    const std::vector<Array> values = session.run(fetches, feeds);
    NamedResults results;
    for (size_t i = 0; i < fetches.size(); ++i)
      if (fetches[i].is_tensor()) results.emplace_back(fetches[i].name(), values[i]);
    if (options.data.empty() || options.draw == 0) return results;
    if (results.empty())
      throw Exception(make_error(ErrorCode::kInvalidArgument, "--draw needs a fetch of [n, classes]"));
    value_or_throw(print_predictions(drawn, 0, options.draw, results[0].second));
    return NamedResults();
  });
}

/// IR text: parameters by name; those that are variables must be fed too.
Expected<NamedResults> run_function(std::unique_ptr<ir::Function> function, const RunOptions& options) {
  std::map<std::string, Array> given;
  for (const std::string& feed : options.feeds) {
    DLC_ASSIGN_OR_RETURN(const auto parts, split_assignment(feed, "NAME=FILE.npy"));
    DLC_ASSIGN_OR_RETURN(given[parts.first], read_array(parts.second));
  }
  std::vector<Array> params;
  for (int i = 0; i < function->num_params(); ++i) {
    const std::string& name = function->param_info(i).name;
    const auto it = given.find(name);
    if (it == given.end())
      return make_error(ErrorCode::kFailedPrecondition, "parameter '{}' {} needs a value: --feed {}=FILE.npy", name,
                        function->param(i).type(), name);
    params.push_back(it->second.clone());
  }
  DLC_ASSIGN_OR_RETURN(const ir::SymbolBinding binding, ir::bind_symbols(*function, params));
  backend::CompileOptions compile;
  compile.check_numerics = options.session.check_numerics;
  if (!options.session.trace.empty()) {
    DLC_ASSIGN_OR_RETURN(compile.trace, Trace::open(options.session.trace));
  }
  DLC_ASSIGN_OR_RETURN(const auto program, backend::compile(std::move(function), compile));
  DLC_ASSIGN_OR_RETURN(const auto execution, backend::Execution::create(program, binding));
  runtime::ThreadPool pool({.num_threads = options.session.num_threads});
  runtime::Context context({.pool = &pool});
  std::vector<void*> in, out;
  for (Array& p : params) in.push_back(p.bytes());
  NamedResults results;
  for (size_t r = 0; r < program->results().size(); ++r) {
    const backend::ProgramResult& info = program->results()[r];
    results.emplace_back(info.info.name.empty() ? fmt::format("result{}", r) : info.info.name,
                         info.param >= 0 ? params[static_cast<size_t>(info.param)]
                                         : Array(info.type.dtype, execution->result_shape(static_cast<int>(r))));
    out.push_back(info.param >= 0 ? nullptr : results.back().second.bytes());
  }
  DLC_RETURN_IF_ERROR(execution->execute(context, in, out));
  if (const auto fault = context.fault()) return program->describe(*fault);
  return results;
}

Expected<NamedResults> results_of(const RunOptions& options) {
  if (runtime::is_shared_library(options.model)) return run_library(options);
  DLC_ASSIGN_OR_RETURN(Model model, load_model(options.model, options.silenced));
  return model.graph ? run_graph(*model.graph, options) : run_function(std::move(model.function), options);
}

Expected<void> run_model(const RunOptions& options) {
  DLC_ASSIGN_OR_RETURN(const NamedResults results, results_of(options));
  if (options.save.empty()) {
    for (const auto& [name, value] : results) fmt::print("{} = {}\n", name, value);
    return {};
  }
  std::error_code failed;
  std::filesystem::create_directories(options.save, failed);
  if (failed) return make_error(ErrorCode::kIo, "cannot make the folder '{}': {}", options.save, failed.message());
  for (const auto& [name, value] : results) {
    std::string file = name;
    std::replace_if(file.begin(), file.end(), [](char c) { return c == '/' || c == ':'; }, '_');
    const std::string path = options.save + "/" + file + ".npy";
    DLC_RETURN_IF_ERROR(write_npy(path, value));
    fmt::print("{} {} -> {}\n", name, value.type_str(), path);
  }
  return {};
}

}  // namespace

Expected<void> print_predictions(const LabelledImages& data, int64_t first, int64_t count, const Array& scores) {
  if (scores.rank() != 2 || scores.dim(0) < count || scores.dim(1) < 1)
    return make_error(ErrorCode::kInvalidShape, "--draw needs a fetch of [n, classes], got {}", scores.type_str());
  const int64_t classes = scores.dim(1);
  for (int64_t i = 0; i < count; ++i) {
    DLC_ASSIGN_OR_RETURN(const std::string drawing, draw_digit(row(data.images, first + i)));
    int64_t best = 0;
    for (int64_t c = 1; c < classes; ++c)
      if (scores.value_as_double(i * classes + c) > scores.value_as_double(i * classes + best)) best = c;
    fmt::print("{}predicted: {}\n\n", drawing, best);
  }
  return {};
}

std::function<int()> setup_run(CLI::App& app) {
  auto o = std::make_shared<RunOptions>();
  app.add_option("model", o->model,
                 "Graph file (.dlc), IR text (.dlir) or a library of `dlc compile --emit shared`, told by content; '-' "
                 "reads standard input")
      ->required();
  add_silence_option(app, o->silenced);
  app.add_option("--feed", o->feeds, "NAME=FILE.npy or NAME=FILE.npz:ENTRY; any tensor of the model may be fed");
  app.add_option("--fetch", o->fetches, "NAME or NAME:K; without it, every tensor that nothing else computes with");
  app.add_option("--save", o->save, "Write each fetch to DIR/NAME.npy ('/' and ':' become '_') instead of printing it");
  app.add_option("--checkpoint", o->checkpoint, "Variables from this safetensors file instead of their initialisers");
  app.add_option("--data", o->data, "Feed the first test images: 'digits' (embedded) or 'mnist:DIR'");
  app.add_option("--draw", o->draw, "With --data: draw N images and the class with the largest fetched value")
      ->check(CLI::Range(0, 10000));
  add_session_options(app, o->session);
  return [o] {
    const Expected<void> done = run_model(*o);
    return done ? kDone : report(done.error());
  };
}

}  // namespace dlc::tools
