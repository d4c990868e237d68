// Context: what the host keeps for one running program, around the dlc_context that compiled code
// sees.
//
//   runtime::Context context({.pool = &pool});
//   context.reset();
//   run_entry(entry, context, buffers, scalars);   // sets the floating-point state around the call
//   if (const auto fault = context.fault()) ...
#pragma once

#include <atomic>
#include <optional>

#include "runtime/abi.h"
#include "runtime/fp_state.h"
#include "runtime/generated_code.h"
#include "runtime/parallel.h"
#include "runtime/watcher.h"
#include "support/visibility.h"

namespace dlc::runtime {

/// A check that failed in a run: the lowest site, and there the lowest element.
struct DLC_PUBLIC Fault {
  int64_t site = 0;     ///< number of the check in the program
  int64_t element = 0;  ///< row-major index of the element that failed
  int64_t value = 0;    ///< the offending value, or what the check says
  bool operator==(const Fault&) const = default;
};

/// The check of a value that must be finite, to which the user's own words may be added. The value of
/// such a fault is the bits of an f64.
inline constexpr const char* kNotFinite = "NaN or infinite";

struct DLC_PUBLIC ContextOptions {
  /// Runs the regions; null: they run on the calling thread. Must outlive the context.
  ThreadPool* pool = nullptr;
  FpMode fp_mode = FpMode::kFlushSubnormals;
};

/// One run at a time. Its address is what compiled code holds, so it neither copies nor moves.
class DLC_PUBLIC Context {
 public:
  explicit Context(ContextOptions options = {});
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  dlc_context* abi() { return &abi_; }
  /// From now on chunks are told to `watcher`, which is borrowed; null ends it. Not while a run is on.
  void watch(Watcher* watcher) {
    watcher_ = watcher;
    abi_.services = watcher ? &kWatchedServices : &kServices;
  }
  Watcher* watcher() const { return watcher_; }
  /// The context that compiled code was given as `context`.
  static Context& of(dlc_context* context) { return *static_cast<Context*>(context->host); }

  FpMode fp_mode() const { return options_.fp_mode; }
  ThreadPool* pool() const { return options_.pool; }

  /// Forgets the fault of the run before. Call at the start of each run.
  void reset() {
    abi_.fault_site = DLC_NO_FAULT;
    abi_.fault_element = DLC_NO_FAULT;
    abi_.fault_value = 0;
  }
  /// Whether a check failed. Call when no chunk is running.
  bool failed() const { return abi_.fault_site != DLC_NO_FAULT; }
  std::optional<Fault> fault() const;

  /// Thread-safe; also what generated code calls.
  void report_fault(const Fault& fault);

 private:
  static void parallel_for(dlc_context*, int64_t n_chunks, dlc_task_fn fn, void* closure);
  static void report(dlc_context*, int64_t site, int64_t element, int64_t value);
  static void watched_parallel_for(dlc_context*, int64_t n_chunks, dlc_task_fn fn, void* closure);
  static const dlc_services kServices, kWatchedServices;

  dlc_context abi_;
  const ContextOptions options_;
  Watcher* watcher_ = nullptr;
  std::atomic_flag fault_lock_ = ATOMIC_FLAG_INIT;
};

/// Calls compiled code under the context's floating-point state and restores the host's.
DLC_CALLS_GENERATED_CODE inline void run_entry(dlc_entry_fn entry, Context& context, void* const* buffers,
                                               const int64_t* scalars) {
  const FpStateGuard fp(context.fp_mode());
  entry(context.abi(), buffers, scalars);
}

}  // namespace dlc::runtime
