// dlc compile: the stages of a compilation as text, or an object file.
#include <memory>

#include "backend/compiler.h"
#include "frontend/data/checkpoint.h"
#include "frontend/data/file_io.h"
#include "frontend/graph/graph_file.h"
#include "frontend/graph/lower.h"
#include "ir/printer.h"
#include "tools/dlc/model.h"
#include "tools/dlc/verb.h"

namespace dlc::tools {
namespace {

struct CompileToolOptions {
  std::string model, emit = "plan", output = "-", target = "host";
  std::vector<std::string> fetches, feeds;
  bool fuse = true, print_after_all = false;
};

/// The function of a model: IR as it stands, or a graph lowered for the fetches.
Expected<std::unique_ptr<ir::Function>> function_of(Model& model, const CompileToolOptions& options) {
  std::map<std::string, FeedType> types;
  for (const std::string& feed : options.feeds) {
    DLC_ASSIGN_OR_RETURN(const auto parts, split_assignment(feed, "NAME=DTYPE[DIMS]"));
    DLC_ASSIGN_OR_RETURN(types[parts.first], parse_feed_type(parts.second));
  }
  std::unique_ptr<ir::Function> function = std::move(model.function);
  if (model.graph) {
    std::vector<Fetch> fetches;
    for (const std::string& name : options.fetches) {
      DLC_ASSIGN_OR_RETURN(const Fetch f, find_fetch(*model.graph, name));
      fetches.push_back(f);
    }
    if (fetches.empty()) fetches = default_fetches(*model.graph);
    std::vector<Tensor> fed = needed_placeholders(*model.graph, fetches);
    for (const auto& [name, type] : types) {
      DLC_ASSIGN_OR_RETURN(const Tensor t, find_tensor(*model.graph, name));
      if (!t.node().is(OpRole::kPlaceholder)) fed.push_back(t);
    }
    DLC_ASSIGN_OR_RETURN(function, lower(*model.graph, fetches, fed));
  }
  ir::SymbolBinding binding;
  for (int i = 0; i < function->num_params(); ++i) {
    const auto it = types.find(function->param_info(i).name);
    if (it == types.end()) continue;
    const ir::TensorType& want = function->param(i).type();
    const FeedType& got = it->second;
    if (want.dtype != got.dtype || want.dims.size() != got.shape.size())
      return make_error(ErrorCode::kInvalidShape, "feed '{}' is {}, the model needs {}", it->first,
                        type_str(got.dtype, got.shape), want);
    for (size_t d = 0; d < want.dims.size(); ++d) {
      if (const auto symbol = want.dims[d].as_symbol())
        binding.emplace(*symbol, got.shape[d]);
      else if (!want.dims[d].is(got.shape[d]))
        return make_error(ErrorCode::kInvalidShape, "feed '{}' is {}, the model needs {}", it->first,
                          type_str(got.dtype, got.shape), want);
    }
  }
  if (binding.empty()) return function;
  return function->specialize(binding);
}

Expected<std::string> emit(std::unique_ptr<ir::Function> function, const CompileToolOptions& options) {
  using backend::Stage;
  backend::CompileOptions compile;
  compile.target = options.target;
  compile.fuse = options.fuse;
  if (options.print_after_all)
    compile.after_pass = [](const std::string& pass, const ir::Function& f) {
      fmt::print("// after {}\n{}\n", pass, ir::print(f));
    };
  static const std::map<std::string, Stage> kStages = {
      {"ir", Stage::kIr},     {"fused", Stage::kFused}, {"plan", Stage::kPlan}, {"loops", Stage::kLoops},
      {"llvm", Stage::kLlvm}, {"asm", Stage::kAsm},     {"obj", Stage::kObject}};
  return backend::compile_to_text(std::move(function), compile, kStages.at(options.emit));
}

Expected<void> run_compile(const CompileToolOptions& options) {
  DLC_ASSIGN_OR_RETURN(Model model, load_model(options.model));
  if (options.emit == "graph") {
    if (!model.graph) return make_error(ErrorCode::kInvalidArgument, "'{}' is IR text: it has no graph", options.model);
    return write_text(options.output, print(*model.graph));
  }
  DLC_ASSIGN_OR_RETURN(auto function, function_of(model, options));
  DLC_ASSIGN_OR_RETURN(const std::string text, emit(std::move(function), options));
  if (options.emit == "obj" && options.output == "-")
    return make_error(ErrorCode::kInvalidArgument, "an object file needs a name: -o FILE");
  return write_text(options.output, text);
}

}  // namespace

std::function<int()> setup_compile(CLI::App& app) {
  auto o = std::make_shared<CompileToolOptions>();
  app.add_option("model", o->model, "Graph file (.dlc) or IR text (.dlir), told by content; '-' reads standard input")
      ->required();
  app.add_option("--fetch", o->fetches, "NAME or NAME:K; without it, all outputs");
  app.add_option("--feed", o->feeds,
                 "NAME=DTYPE[DIMS], for example x=f32[64,784]: compiles for these sizes; without it, for all sizes");
  app.add_option("--emit", o->emit,
                 "graph: the graph file; ir: as lowered; fused: after all passes; plan: kernels and buffers; loops; "
                 "llvm; asm; obj: an ELF object")
      ->check(CLI::IsMember({"graph", "ir", "fused", "plan", "loops", "llvm", "asm", "obj"}))
      ->capture_default_str();
  app.add_option("-o,--output", o->output, "File to write; '-' is standard output")->capture_default_str();
  app.add_option("--target", o->target, "host, sse2, avx2 or avx512")->capture_default_str();
  app.add_flag("--fuse,!--no-fuse", o->fuse, "Group operations into kernels (the default)");
  app.add_flag("--print-after-all", o->print_after_all, "Print the IR after each pass");
  return [o] {
    const Expected<void> done = run_compile(*o);
    return done ? kDone : report(done.error());
  };
}

}  // namespace dlc::tools
