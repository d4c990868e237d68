// WatchedStep: a step run call by call by the host, so that someone can look on: with the time of each
// call, or with an eye on what may end the run early. The same kernels with the same arguments in the
// same order as the compiled step, so the same results. A program that nobody watches runs its own entry
// and pays nothing.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backend/compiler.h"
#include "runtime/abi.h"
#include "runtime/watcher.h"
#include "support/interrupt.h"
#include "support/trace.h"

namespace dlc::backend {

/// One execution's; one run at a time.
class WatchedStep final : public runtime::Watcher {
 public:
  /// `trace` may be null. An Error for a size that `binding` does not give.
  static Expected<std::unique_ptr<WatchedStep>> create(const Plan& plan, const NativeProgram& native,
                                                       const ir::SymbolBinding& binding, std::shared_ptr<Trace> trace);

  /// What a watched execution runs instead of the compiled step; its context must be watched by a
  /// WatchedStep of the program.
  static void entry(dlc_context* context, void* const* buffers, const int64_t* scalars);

  /// The run that follows ends when `interrupt` happens, unless it writes variables by then. Borrowed until
  /// the run is over; null: it runs to its end.
  void set_interrupt(const Interrupt* interrupt) { interrupt_ = interrupt; }
  /// Whether the last run was ended so: nothing that it wrote means anything, and no variable was written.
  bool interrupted() const { return interrupted_; }

  bool skips_chunks() noexcept override { return current_->may_end && ends_now(); }
  void chunk_ran(int64_t chunk, Clock::time_point start, Clock::time_point end) noexcept override;

  /// One row a kernel call, in order.
  std::vector<KernelProfile> rows() const;

 private:
  struct Call {
    dlc_entry_fn kernel = nullptr;
    int64_t buffers_at = 0, scalars_at = 0;
    bool ends_on_fault = false;  ///< the first of phase 2: not reached by a run with a fault
    bool may_end = true;         ///< the run may end here: neither this call nor one before it writes a variable
    std::string label, args;     ///< of the trace's events
    KernelProfile row;
  };
  WatchedStep() = default;
  bool ends_now() const { return interrupt_ && interrupt_->happened(); }
  void run(dlc_context* context, void* const* buffers, const int64_t* scalars);

  std::string name_;
  std::shared_ptr<Trace> trace_;
  std::vector<Call> calls_;
  const Call* current_ = nullptr;
  const Interrupt* interrupt_ = nullptr;
  bool interrupted_ = false;
};

}  // namespace dlc::backend
