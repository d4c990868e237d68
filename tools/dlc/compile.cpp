// dlc compile: the stages of a compilation as text, or files for other programs.
#include <filesystem>
#include <memory>
#include <set>

#include "backend/aot/aot.h"
#include "backend/compiler.h"
#include "frontend/data/checkpoint.h"
#include "frontend/data/file_io.h"
#include "frontend/graph/graph_file.h"
#include "ir/freeze.h"
#include "ir/printer.h"
#include "tools/dlc/model.h"
#include "tools/dlc/verb.h"

namespace dlc::tools {
namespace {

struct CompileToolOptions {
  std::string model, emit = "plan", output = "-", target = "host", checkpoint;
  std::vector<std::string> silenced;
  std::vector<std::string> fetches, feeds;
  bool fuse = true, print_after_all = false;
};

/// The function with the variables that it reads and does not update as constants, from a checkpoint.
Expected<std::unique_ptr<ir::Function>> freeze_variables(const ir::Function& function, const std::string& checkpoint) {
  std::set<std::string_view> updated;
  for (int r = 0; r < function.num_results(); ++r)
    if (function.result_info(r).kind == ir::ResultKind::kUpdate) updated.insert(function.result_info(r).name);
  DLC_ASSIGN_OR_RETURN(const Checkpoint saved, load_checkpoint(checkpoint));
  std::map<int, Array> values;
  for (int i = 0; i < function.num_params(); ++i) {
    const ir::ParamInfo& info = function.param_info(i);
    if (info.kind != ir::ParamKind::kVariable || updated.contains(info.name)) continue;
    const Array* value = saved.find(info.name);
    if (!value) return missing_variable(saved, checkpoint, info.name);
    values.emplace(i, *value);
  }
  return ir::freeze(function, values);
}

/// The function of the model, its variables frozen where a checkpoint is given.
Expected<std::unique_ptr<ir::Function>> function_to_compile(Model& model, const CompileToolOptions& options) {
  DLC_ASSIGN_OR_RETURN(auto function, function_of(model, options.fetches, options.feeds));
  if (options.checkpoint.empty()) return function;
  return freeze_variables(*function, options.checkpoint);
}

backend::CompileOptions compile_options(const CompileToolOptions& options) {
  backend::CompileOptions compile;
  compile.target = options.target;
  compile.fuse = options.fuse;
  if (options.print_after_all)
    compile.after_pass = [](const std::string& pass, const ir::Function& f) {
      fmt::print("// after {}\n{}\n", pass, ir::print(f));
    };
  return compile;
}

/// `--emit obj|shared|header`: files for other programs. The name in C is that of the file.
Expected<void> write_artefact(std::unique_ptr<ir::Function> function, const CompileToolOptions& options) {
  const std::filesystem::path output = options.output;
  if (options.output == "-" && options.emit != "header")
    return make_error(ErrorCode::kInvalidArgument, "an object or library needs a name: -o FILE");
  const std::string stem = options.output == "-" ? std::filesystem::path(options.model).stem() : output.stem();
  DLC_ASSIGN_OR_RETURN(
      const backend::Artefact artefact,
      backend::compile_ahead(std::move(function), compile_options(options), backend::c_identifier(stem)));
  if (options.emit == "header") return write_text(options.output, artefact.header);
  if (options.emit == "obj") return write_file_atomic(output, artefact.object);
  DLC_RETURN_IF_ERROR(backend::link_shared(artefact.object, output));
  return write_file_atomic(std::filesystem::path(output).replace_extension(".h"), artefact.header);
}

Expected<void> run_compile(const CompileToolOptions& options) {
  DLC_ASSIGN_OR_RETURN(Model model, load_model(options.model, options.silenced));
  if (options.emit == "graph") {
    if (!model.graph) return make_error(ErrorCode::kInvalidArgument, "'{}' is IR text: it has no graph", options.model);
    return write_text(options.output, print(*model.graph));
  }
  DLC_ASSIGN_OR_RETURN(auto function, function_to_compile(model, options));
  using backend::Stage;
  static const std::map<std::string, Stage> kStages = {{"ir", Stage::kIr},     {"fused", Stage::kFused},
                                                       {"plan", Stage::kPlan}, {"loops", Stage::kLoops},
                                                       {"llvm", Stage::kLlvm}, {"asm", Stage::kAsm}};
  const auto stage = kStages.find(options.emit);
  if (stage == kStages.end()) return write_artefact(std::move(function), options);
  DLC_ASSIGN_OR_RETURN(const std::string text,
                       backend::compile_to_text(std::move(function), compile_options(options), stage->second));
  return write_text(options.output, text);
}

}  // namespace

std::function<int()> setup_compile(CLI::App& app) {
  auto o = std::make_shared<CompileToolOptions>();
  app.add_option("model", o->model, "Graph file (.dlc) or IR text (.dlir), told by content; '-' reads standard input")
      ->required();
  add_silence_option(app, o->silenced);
  app.add_option("--fetch", o->fetches, "NAME or NAME:K; without it, every tensor that nothing else computes with");
  app.add_option("--feed", o->feeds,
                 "NAME=DTYPE[DIMS], for example x=f32[64,784]: compiles for these sizes; without it, for all sizes");
  app.add_option(
         "--emit", o->emit,
         "graph: the graph file; ir: as lowered; fused: after all passes; plan: kernels and buffers; loops; "
         "llvm; asm; obj: an ELF object for C programs; shared: a library that `dlc run` and C programs load, and "
         "its C header beside it (needs a linker: ld or lld); header: the C header alone")
      ->check(CLI::IsMember({"graph", "ir", "fused", "plan", "loops", "llvm", "asm", "obj", "shared", "header"}))
      ->capture_default_str();
  app.add_option("-o,--output", o->output, "File to write; '-' is standard output")->capture_default_str();
  app.add_option(
      "--checkpoint", o->checkpoint,
      "Safetensors file: variables that the model reads and does not update become constants of the program");
  app.add_option("--target", o->target, "host, sse2, avx2 or avx512")->capture_default_str();
  app.add_flag("--fuse,!--no-fuse", o->fuse, "Group operations into kernels (the default)");
  app.add_flag("--print-after-all", o->print_after_all, "Print the IR after each pass");
  return [o] {
    const Expected<void> done = run_compile(*o);
    return done ? kDone : report(done.error());
  };
}

}  // namespace dlc::tools
