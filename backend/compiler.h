// The waist: from a function of the IR to a compiled program, and to its execution. Everything
// above includes this header and no other of the backend; no LLVM header is behind it.
//
//   DLC_ASSIGN_OR_RETURN(auto program, compile(std::move(function), {}));
//   DLC_ASSIGN_OR_RETURN(auto run, Execution::create(program, binding));
//   run->execute(context, params, results);
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backend/explanation.h"
#include "ir/function.h"
#include "runtime/context.h"
#include "support/expected.h"
#include "support/interrupt.h"
#include "support/trace.h"
#include "support/visibility.h"

namespace dlc::backend {

struct Plan;
class CodeNames;
class NativeProgram;

struct DLC_PUBLIC CompileOptions {
  /// "host", or a feature class: "sse2", "avx2", "avx512".
  std::string target = "host";
  /// Off: every op is a kernel of its own. The same bits, for tests.
  bool fuse = true;
  /// The pipeline or list of passes to run; its last pass must be fuse.
  std::string passes = "compile";
  /// At most this many rewrites (see passes/rewrite_counter.h); unset: as DLC_REWRITE_LIMIT says.
  std::optional<int64_t> rewrite_limit = {};
  /// The run fails at the first node that makes a NaN or an infinity (passes/numerics). The same bits.
  /// Updates then have memory of their own (ProgramResult::swaps).
  bool check_numerics = false;
  /// 0: one thread per CPU.
  int compile_threads = 0;
  /// Where compiled kernels are kept for other processes: "off", a folder, or "", which leaves it to
  /// DLC_CACHE and otherwise means the user's cache folder.
  std::string kernel_cache;
  /// A function that has, or comes to have, more ops than this is refused (kResourceExhausted); 0: none is.
  int64_t max_ops = 0;
  /// Ends the compilation with its Error; looked at between passes and between kernels.
  Interrupt interrupt;
  /// Gets an event for every pass and stage; may be null.
  std::shared_ptr<Trace> trace;
  /// Called after each pass with its name.
  std::function<void(const std::string& pass, const ir::Function&)> after_pass;
};

struct DLC_PUBLIC CompileStats {
  double passes_ms = 0, plan_ms = 0, native_ms = 0;
  int kernels = 0;           ///< distinct: compiled, reused and loaded
  int kernels_reused = 0;    ///< of them, found in memory: programs of this process had them
  int kernels_loaded = 0;    ///< of them, found in the cache on disk
  int calls = 0;             ///< kernel calls of one step
  int64_t rewrites = 0;      ///< by passes
  std::string last_rewrite;  ///< the one at CompileOptions::rewrite_limit, if there were as many
  int64_t code_bytes = 0;
};

/// What a parameter or result is to the caller.
struct DLC_PUBLIC ProgramParam {
  ir::TensorType type;
  ir::ParamInfo info;
  ir::Provenance provenance;
};
struct DLC_PUBLIC ProgramResult {
  ir::TensorType type;
  ir::ResultInfo info;
  int param = -1;  ///< an update: the parameter (a variable) whose buffer receives it
  int swaps = -1;  ///< an update with memory of its own: the parameter whose memory the caller gives up for it
                   ///< when the run has not failed
};

/// Compiled code and all that it needs to run. Immutable; shared by executions of any threads.
class DLC_PUBLIC Program {
 public:
  ~Program();
  const std::string& name() const { return name_; }
  const std::vector<ProgramParam>& params() const { return params_; }
  const std::vector<ProgramResult>& results() const { return results_; }
  const std::vector<ir::Requirement>& requirements() const;
  const CompileStats& stats() const { return stats_; }
  /// Whether a run can record a fault.
  bool can_fail() const;
  /// Whether it writes variables.
  bool updates() const;
  /// What the user reads when check `fault.site` failed.
  Error describe(const runtime::Fault& fault) const;
  const Plan& plan() const { return *plan_; }

 private:
  friend class Execution;
  friend Expected<std::shared_ptr<const Program>> compile(std::unique_ptr<ir::Function>, const CompileOptions&);
  Program();
  std::string name_;
  std::vector<ProgramParam> params_;
  std::vector<ProgramResult> results_;
  std::unique_ptr<Plan> plan_;
  std::shared_ptr<NativeProgram> native_;
  std::unique_ptr<CodeNames> code_names_;  ///< what gdb calls the code; gone before the code is
  CompileStats stats_;
};

/// Runs the pass pipeline, plans, and compiles. Errors are the user's (a feature that is not
/// supported, with its node) or kInternal.
Expected<std::shared_ptr<const Program>> compile(std::unique_ptr<ir::Function> function, const CompileOptions& options);

/// Why the function becomes the program that it is. Every size must be bound.
Expected<Explanation> explain(std::unique_ptr<ir::Function> function, const CompileOptions& options);

/// The stages of a compilation as text, for people and tools.
enum class Stage : uint8_t { kIr, kFused, kPlan, kLoops, kLlvm, kAsm };
Expected<std::string> compile_to_text(std::unique_ptr<ir::Function> function, const CompileOptions& options,
                                      Stage stage);

/// What a C program needs to run a step: code and data, and their declaration.
struct DLC_PUBLIC Artefact {
  std::string object;  ///< an ELF object that defines `<name>_program` (runtime/program.h) and needs nothing
  std::string header;  ///< C declarations, with a function that takes typed pointers
};

/// Compiles for other processes, on this machine or another of the target's class. All sizes must be
/// numbers; kInvalidArgument names the parameters whose are not, or a `name` that is no C identifier.
Expected<Artefact> compile_ahead(std::unique_ptr<ir::Function> function, const CompileOptions& options,
                                 const std::string& name);

/// What one kernel call of a step took, over all runs of an execution.
struct DLC_PUBLIC KernelProfile {
  std::string kernel;              ///< of the machine code
  std::vector<std::string> nodes;  ///< the user's, in program order
  int64_t flops = 0, bytes = 0;    ///< of one call (backend/plan/cost.h)
  int64_t runs = 0;
  double seconds = 0, least_seconds = 0;  ///< all runs together; the shortest
};

/// What an execution is watched for, and may use.
struct DLC_PUBLIC ExecutionOptions {
  /// Gets an event for each run, kernel call and chunk. Makes it run call by call, with the same bits.
  std::shared_ptr<Trace> trace;
  /// For Execution::profile. Likewise.
  bool profile = false;
  /// Most bytes of working memory, variables and results together; 0: what the machine has.
  int64_t max_memory = 0;
};

/// One running instance: an arena and the pointers and sizes laid out for the step. One thread at a time.
class DLC_PUBLIC Execution {
 public:
  /// Evaluates every size under `binding` and allocates the arena. kResourceExhausted when there is
  /// not that much memory or it is more than `options` allow; the notes say what needs it.
  static Expected<std::unique_ptr<Execution>> create(std::shared_ptr<const Program> program,
                                                     const ir::SymbolBinding& binding,
                                                     const ExecutionOptions& options = {});
  ~Execution();

  /// The concrete shape of a result.
  const Shape& result_shape(int result) const;
  size_t arena_bytes() const;
  /// One row a kernel call, in order; none where nobody watches.
  std::vector<KernelProfile> profile() const;

  /// Runs the step. `params[i]` points to parameter i (variables are updated there), `results[i]` to
  /// room for result i (null for updates). Allocates nothing. On a fault, which the context holds, no
  /// variable has changed. Fails with the Error of `interrupt`, when that ends the run: it is looked at
  /// before each kernel call and each chunk of one, until the first variable is written, from where the run
  /// goes on to its end; no variable has changed then either. The first run with an interrupt allocates.
  /// Fails in checked runs: kInternal when a kernel wrote beside its buffers.
  Expected<void> execute(runtime::Context& context, std::span<void* const> params, std::span<void* const> results,
                         const Interrupt* interrupt = nullptr);

  /// Tests: the arena is filled with NaN before each run, and gaps between buffers are checked after.
  void set_checked(bool on);

 private:
  struct State;
  explicit Execution(std::unique_ptr<State> state);
  Expected<void> run(runtime::Context& context, std::span<void* const> params, std::span<void* const> results,
                     const Interrupt* interrupt);
  /// What a checked run says of a byte in a gap that has changed.
  Error damage(size_t at) const;
  std::unique_ptr<State> state_;
};

}  // namespace dlc::backend
