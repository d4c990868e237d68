#include "backend/compiler.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "backend/aot/aot.h"
#include "backend/code_names.h"
#include "backend/loops/printer.h"
#include "backend/loops/verifier.h"
#include "backend/name_code.h"
#include "backend/native/native.h"
#include "backend/plan/bound_plan.h"
#include "backend/plan/explain_plan.h"
#include "ir/interp/interpreter.h"
#include "ir/op_def.h"
#include "ir/printer.h"
#include "ir/rewriter.h"
#include "passes/pass_manager.h"
#include "runtime/frame.h"
#include "support/flags.h"

namespace dlc::backend {
namespace {

using Clock = std::chrono::steady_clock;
double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// All passes. `log`, when given, is told by fusion what it decided.
Expected<void> run_passes(ir::Function& function, const CompileOptions& options, const ir::Target& target,
                          CompileStats& stats, passes::FusionLog* log) {
  DLC_ASSIGN_OR_RETURN(passes::Pipeline pipeline, passes::parse_pipeline(options.passes));
  if (pipeline.empty() || pipeline.back()->establishes != ir::Stage::kFused)
    return make_error(ErrorCode::kInvalidArgument, "passes '{}': to be compiled, a function needs 'fuse' as the last",
                      options.passes);
  // Right before fusion, so that checks keep nothing from being simplified.
  if (options.check_numerics) pipeline.insert(pipeline.end() - 1, passes::find_pass("check-numerics"));
  passes::PassManagerOptions manager_options;
  if (options.after_pass)
    manager_options.after_pass = [&](const passes::PassInfo& pass, const ir::Function& f, bool) {
      options.after_pass(pass.name, f);
    };
  manager_options.trace = options.trace.get();
  manager_options.max_ops = options.max_ops;
  manager_options.interrupt = options.interrupt;
  const TraceSpan span(options.trace.get(), "compile", fmt::format("passes @{}", function.name()));
  passes::PassContext context;
  context.options.has_fma = target.has_fma;
  context.options.fuse = options.fuse;
  context.options.check_numerics = options.check_numerics;
  context.fusion_log = log;
  if (options.rewrite_limit) context.rewrites = passes::RewriteCounter(*options.rewrite_limit);
  DLC_RETURN_IF_ERROR(passes::PassManager(manager_options).run(function, pipeline, context));
  stats.rewrites = context.rewrites.num_rewrites();
  stats.last_rewrite = context.rewrites.last();
  return {};
}

/// Each result that is the next value of a variable becomes one with memory of its own, which the caller
/// swaps for the variable's when the run has not failed. Checks may then stand behind the updates, and
/// nothing is copied.
void separate_updates(ir::Function& function) {
  std::vector<ir::Value> values;
  std::vector<ir::ResultInfo> infos;
  for (int i = 0; i < function.num_results(); ++i) {
    values.push_back(function.result(i));
    infos.push_back({ir::ResultKind::kFetch, function.result_info(i).name});
  }
  ir::Rewriter(function).set_results(values, std::move(infos));
}

/// The tree in the form of the native step: calls have slices of one table of buffers and one of scalars.
class StepMaker {
 public:
  explicit StepMaker(const Plan& plan) : plan_(plan) {}

  StepNode run() { return make(plan_.root); }

 private:
  StepNode make(const PlanNode& node) {
    switch (node.kind) {
      case PlanNode::kSeq: {
        StepNode seq{.kind = StepNode::kSeq};
        for (const PlanNode& child : node.children) seq.children.push_back(make(child));
        return seq;
      }
      case PlanNode::kPhase:
        // A step without checks has no border between its phases and pays nothing for one.
        return {.kind = plan_.can_fail() ? StepNode::kCheckFault : StepNode::kSeq};
      case PlanNode::kCall:
      case PlanNode::kPar: break;
    }
    StepNode call{.kind = StepNode::kCall,
                  .kernel = plan_.kernels[static_cast<size_t>(node.call.kernel)].name,
                  .buffers_at = buffers_,
                  .scalars_at = scalars_};
    for (const PlanCall* handed : calls_of(node)) {
      buffers_ += std::ssize(handed->args);
      scalars_ += std::ssize(handed->scalars);
    }
    return call;
  }

  const Plan& plan_;
  int64_t buffers_ = 0, scalars_ = 0;
};

std::string print_loops(const Plan& plan) {
  std::string text;
  for (const loops::Kernel& kernel : plan.kernels) text += loops::print(kernel) + "\n";
  return text;
}

/// Loops count elements in 64 bits, those of values too that are never stored.
Expected<void> check_sizes(const ir::Function& function) {
  for (const auto& op : function.ops())
    for (int r = 0; r < op->num_results(); ++r) {
      const ir::Value v = op->result(r);
      if (!v.type().is_static()) continue;
      if (const Expected<int64_t> n = checked_num_elements(v.type().shape(), v.dtype()); !n)
        return make_error(ErrorCode::kResourceExhausted, "'{}' is {}: {}", op->provenance().node(), v.type(),
                          n.error().message)
            .at(op->provenance().loc());
    }
  return {};
}

Expected<Plan> plan_function(ir::Function& function, const CompileOptions& options, const ir::Target& target,
                             CompileStats& stats, passes::FusionLog* log = nullptr) {
  const auto start = Clock::now();
  DLC_RETURN_IF_ERROR(check_sizes(function));
  DLC_RETURN_IF_ERROR(run_passes(function, options, target, stats, log));
  if (options.check_numerics) separate_updates(function);
  stats.passes_ms = ms_since(start);
  const auto planning = Clock::now();
  const TraceSpan span(options.trace.get(), "compile", fmt::format("plan @{}", function.name()));
  DLC_ASSIGN_OR_RETURN(Plan plan, make_plan(function, target, {.sweep = options.fuse}));
  DLC_RETURN_IF_ERROR(options.interrupt.check());
  DLC_RETURN_IF_ERROR(verify(plan));
#ifndef NDEBUG
  for (const loops::Kernel& kernel : plan.kernels) DLC_RETURN_IF_ERROR(loops::verify(kernel));
#endif
  stats.plan_ms = ms_since(planning);
  stats.kernels = static_cast<int>(plan.kernels.size());
  stats.calls = static_cast<int>(launches(plan).size());
  return plan;
}

/// The class of machines that code for the target needs, as runtime::open_program checks it.
const char* feature_class(const ir::Target& target) {
  return target.vector_bytes >= 64 ? "avx512" : target.has_fma ? "avx2" : "sse2";
}

/// An Error that names the parameters with open sizes, if there are any.
Expected<void> check_static(const ir::Function& function) {
  std::string open;
  for (int i = 0; i < function.num_params(); ++i)
    if (!function.param(i).type().is_static())
      open += fmt::format("{}'{}' {}", open.empty() ? "" : ", ", function.param_info(i).name, function.param(i).type());
  if (open.empty()) return {};
  return make_error(ErrorCode::kInvalidArgument,
                    "a program that is compiled ahead of time has fixed sizes; open are those of {}", open)
      .note("give them: --feed NAME=DTYPE[SIZES] of `dlc compile`, for example --feed x=f32[1,784]");
}

/// DLC_DUMP=plan,loops,llvm,asm: one numbered file each. Failing to write is told, and no error.
void dump_forms(const Plan& plan, const StepNode& step, const NativeOptions& native) {
  static std::atomic<int> number{0};
  const DebugFlags& flags = debug_flags();
  const auto write = [&](const char* form, const auto& text) {
    if (!flags.dumps(form)) return;
    std::error_code ignored;
    std::filesystem::create_directories(flags.dump_dir, ignored);
    const std::string path = fmt::format("{}/{:04}-{}.{}", flags.dump_dir, number++, plan.name, form);
    const Expected<std::string> content = text();
    std::ofstream out(path);
    out << (content ? *content : content.error().str());
    if (!out) fmt::print(stderr, "dlc: cannot write '{}'\n", path);
  };
  write("plan", [&] { return Expected<std::string>(print(plan)); });
  write("loops", [&] { return Expected<std::string>(print_loops(plan)); });
  write("llvm", [&] { return emit_native(plan.kernels, step, native, NativeText::kLlvm); });
  write("asm", [&] { return emit_native(plan.kernels, step, native, NativeText::kAsm); });
}

}  // namespace

Program::Program() = default;
Program::~Program() = default;
bool Program::can_fail() const { return plan_->can_fail(); }
const std::vector<ir::Requirement>& Program::requirements() const { return plan_->requirements; }
bool Program::updates() const {
  for (const ProgramResult& r : results_)
    if (r.param >= 0 || r.swaps >= 0) return true;
  return false;
}

Error Program::describe(const runtime::Fault& fault) const {
  return runtime::describe(to_table(plan_->sites[static_cast<size_t>(fault.site)]), fault);
}

Expected<std::shared_ptr<const Program>> compile(std::unique_ptr<ir::Function> function,
                                                 const CompileOptions& options) {
  const TraceSpan whole(options.trace.get(), "compile", fmt::format("compile @{}", function->name()));
  DLC_ASSIGN_OR_RETURN(const ir::Target target, native_target(options.target));
  std::shared_ptr<Program> program(new Program);
  const std::vector<int> updated = updated_params(*function);
  DLC_ASSIGN_OR_RETURN(Plan plan, plan_function(*function, options, target, program->stats_));
  program->name_ = plan.name;
  for (const PlanParam& p : plan.params) program->params_.push_back({p.type, p.info, p.provenance});
  for (size_t i = 0; i < plan.results.size(); ++i) {
    const PlanResult& r = plan.results[i];
    program->results_.push_back({r.type, r.info, r.param, r.param < 0 ? updated[i] : -1});
  }
  NativeOptions native;
  native.target = options.target;
  native.compile_threads = options.compile_threads;
  native.disk_cache = options.kernel_cache;
  native.interrupt = options.interrupt;
  const StepNode step = StepMaker(plan).run();
  if (!debug_flags().dump_forms.empty()) dump_forms(plan, step, native);
  {
    TraceSpan span(options.trace.get(), "compile", fmt::format("native @{}", plan.name));
    DLC_ASSIGN_OR_RETURN(program->native_, compile_native(plan.kernels, step, native));
    span.set_args(fmt::format(R"("kernels compiled":{},"kernels reused":{},"code bytes":{})",
                              program->native_->stats().kernels_compiled, program->native_->stats().kernels_reused,
                              program->native_->stats().code_bytes));
  }
  program->stats_.native_ms = program->native_->stats().compile_ms;
  program->stats_.kernels_reused = program->native_->stats().kernels_reused;
  program->stats_.kernels_loaded = program->native_->stats().kernels_loaded;
  program->stats_.code_bytes = program->native_->stats().code_bytes;
  if (debug_flags().times("compile")) {
    const CompileStats& t = program->stats_;
    fmt::print(stderr,
               "@{}: passes {:.1f} ms, plan {:.1f} ms, native {:.1f} ms; {} kernels ({} in memory, {} on disk), {} "
               "calls, {} bytes\n",
               plan.name, t.passes_ms, t.plan_ms, t.native_ms, t.kernels, t.kernels_reused, t.kernels_loaded, t.calls,
               t.code_bytes);
  }
  std::vector<NamedCode> code = name_code(plan, *program->native_);
  if (debug_flags().perf_map) write_perf_map(code);
  program->code_names_ = std::make_unique<CodeNames>(std::move(code));
  // The kernels' loops are code now; only their names are needed.
  for (loops::Kernel& kernel : plan.kernels) kernel.body = {};
  program->plan_ = std::make_unique<Plan>(std::move(plan));
  return std::shared_ptr<const Program>(std::move(program));
}

Expected<Explanation> explain(std::unique_ptr<ir::Function> function, const CompileOptions& options) {
  DLC_ASSIGN_OR_RETURN(const ir::Target target, native_target(options.target));
  CompileStats stats;
  Explanation why;
  DLC_ASSIGN_OR_RETURN(const Plan plan, plan_function(*function, options, target, stats, &why.fusion));
  DLC_RETURN_IF_ERROR(explain_plan(plan, {}, why));
  DLC_ASSIGN_OR_RETURN(const BoundPlan bound, BoundPlan::create(plan, {}, nullptr));
  why.arena_bytes = bound.table().arena_bytes;
  return why;
}

Expected<std::string> compile_to_text(std::unique_ptr<ir::Function> function, const CompileOptions& options,
                                      Stage stage) {
  if (stage == Stage::kIr) return ir::print(*function);
  DLC_ASSIGN_OR_RETURN(const ir::Target target, native_target(options.target));
  CompileStats stats;
  DLC_ASSIGN_OR_RETURN(const Plan plan, plan_function(*function, options, target, stats));
  switch (stage) {
    case Stage::kFused: return ir::print(*function);
    case Stage::kPlan: return print(plan);
    case Stage::kLoops: return print_loops(plan);
    default: break;
  }
  NativeOptions native;
  native.target = options.target;
  return emit_native(plan.kernels, StepMaker(plan).run(), native,
                     stage == Stage::kLlvm ? NativeText::kLlvm : NativeText::kAsm);
}

Expected<Artefact> compile_ahead(std::unique_ptr<ir::Function> function, const CompileOptions& options,
                                 const std::string& name) {
  if (name != c_identifier(name))
    return make_error(ErrorCode::kInvalidArgument, "'{}' is no name for a C program; '{}' would be", name,
                      c_identifier(name));
  DLC_RETURN_IF_ERROR(check_static(*function));
  DLC_ASSIGN_OR_RETURN(const ir::Target target, native_target(options.target));
  CompileStats stats;
  DLC_ASSIGN_OR_RETURN(const Plan plan, plan_function(*function, options, target, stats));
  DLC_ASSIGN_OR_RETURN(const BoundPlan bound, BoundPlan::create(plan, {}, nullptr));
  dlc_program table = bound.table();
  table.name = name.c_str();
  table.target = feature_class(target);
  NativeOptions native;
  native.target = options.target;
  Artefact artefact;
  DLC_ASSIGN_OR_RETURN(artefact.object,
                       emit_object(plan.kernels, StepMaker(plan).run(), table, name + "_program", native));
  artefact.header = c_header(table, name);
  return artefact;
}

}  // namespace dlc::backend
