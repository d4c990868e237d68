// Kernels of the loop language to native code in this process, or to text and object files. What is
// in one of the caches, in memory or on disk, needs no compiler; for the rest the module with LLVM
// is loaded (backend/llvm/module.h).
//
//   std::vector<loops::Kernel> kernels = ...;             // named by their content
//   const StepNode step{.kind = StepNode::kCall, .kernel = kernels[0].name};
//   DLC_ASSIGN_OR_RETURN(auto program, compile_native(kernels, step, {}));
//   runtime::run_entry(program->entry(), context, buffers, scalars);
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/loops/loops.h"
#include "backend/native/target.h"
#include "runtime/program.h"
#include "support/expected.h"
#include "support/interrupt.h"

namespace dlc::backend {

struct NativeOptions {
  std::string target = "host";  ///< see native_target()
  /// Threads that compile, the caller included; 0: one for each CPU this process may use.
  int compile_threads = 0;
  /// Runs LLVM's verifier on every module; a failure is an error of code kInternal.
#ifdef NDEBUG
  bool verify = false;
#else
  bool verify = true;
#endif
  /// Takes kernels of equal name, compiled for the same target, from the caches of the process and on
  /// disk, and puts there what it compiles. Names must then be hashes of the content.
  bool reuse = true;
  /// The cache on disk: "off", a folder, or "", which leaves it to DLC_CACHE (DiskCache::get).
  std::string disk_cache;
  /// Looked at before each kernel is compiled.
  Interrupt interrupt = {};
};

/// What the step does: a tree, as the plan is one.
struct StepNode {
  enum Kind : uint8_t {
    kSeq,         ///< the children, in order; without children: nothing
    kCall,        ///< the kernel, handed `buffers + buffers_at` and `scalars + scalars_at` of the step's arguments
    kCheckFault,  ///< return from the step if a fault has been recorded: the end of phase 1
  };
  Kind kind = kSeq;
  std::string kernel = {};
  int64_t buffers_at = 0;
  int64_t scalars_at = 0;
  std::vector<StepNode> children = {};

  bool does_nothing() const { return kind == kSeq && children.empty(); }
};

/// Of distinct kernels; the step counts as none.
struct NativeStats {
  double compile_ms = 0;  ///< wall time of compile_native
  int kernels_compiled = 0;
  int kernels_reused = 0;    ///< found in memory
  int kernels_loaded = 0;    ///< found on disk
  bool step_loaded = false;  ///< the step was found on disk
  int64_t code_bytes = 0;    ///< machine code of the step and of the kernels compiled or loaded, without padding
};

/// Where a function of the machine code lies: a kernel, its chunks (named KERNEL.chunk...), or the step.
struct MachineFunction {
  std::string name;
  const void* address = nullptr;
  size_t bytes = 0;
};

/// Code in memory that may be called from any thread; it goes when the last holder lets go.
class NativeProgram {
 public:
  virtual ~NativeProgram() = default;
  /// The step; null if the program was compiled without one.
  virtual dlc_entry_fn entry() const = 0;
  /// A kernel by name; null if the program has none of that name.
  virtual dlc_entry_fn kernel(std::string_view name) const = 0;
  /// The functions of the objects that hold the program's code, each object once.
  virtual std::vector<MachineFunction> functions() const = 0;
  virtual const NativeStats& stats() const = 0;
};

/// Compiles kernels (each must pass loops::verify; of equal names the first counts) and the step
/// that calls them, if it does anything. Thread-safe. Errors: kInvalidArgument for an unknown target, kNotFound for a
/// call of a kernel that is not there, kUnimplemented for what the target cannot do (an fma without
/// the instruction) or this machine cannot run, kInternal for a failure of LLVM; those of
/// native::code_generator() when something must be compiled and LLVM's module is not there.
Expected<std::shared_ptr<NativeProgram>> compile_native(std::span<const loops::Kernel> kernels, const StepNode& step,
                                                        const NativeOptions& options);

enum class NativeText {
  kLlvm,           ///< LLVM IR as the emitter wrote it
  kLlvmOptimized,  ///< LLVM IR as the code generator gets it
  kAsm,            ///< assembly, AT&T syntax
  kObject,         ///< the bytes of an ELF object
};

/// The name of the step among the symbols of text and objects.
inline constexpr std::string_view kStepSymbol = "dlc_step";

/// Kernels and step as one module, printed; a step that does nothing is left out. The target need not
/// be one that this machine can run.
Expected<std::string> emit_native(std::span<const loops::Kernel> kernels, const StepNode& step,
                                  const NativeOptions& options, NativeText form);

/// An ELF object with kernels, step and `table` (whose entry is not looked at: it is the step). The only
/// symbols that others see are `symbol` and DLC_PROGRAM_SYMBOL, both the dlc_program; the only ones it
/// needs are memcpy, memmove and memset. The same bytes for the same input.
Expected<std::string> emit_object(std::span<const loops::Kernel> kernels, const StepNode& step,
                                  const dlc_program& table, const std::string& symbol, const NativeOptions& options);

/// The symbols that an object needs from elsewhere, sorted. kData when it is no ELF object.
Expected<std::vector<std::string>> undefined_symbols(std::string_view object);

}  // namespace dlc::backend
