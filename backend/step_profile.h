// StepProfile: a step run call by call by the host, with the time of each: the same kernels with the
// same arguments in the same order as the compiled step, so the same results. A program that nobody
// watches runs its own entry and pays nothing.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backend/compiler.h"
#include "runtime/abi.h"
#include "runtime/watcher.h"
#include "support/trace.h"

namespace dlc::backend {

/// One execution's; one run at a time.
class StepProfile final : public runtime::Watcher {
 public:
  /// `trace` may be null. An Error for a size that `binding` does not give.
  static Expected<std::unique_ptr<StepProfile>> create(const Plan& plan, const NativeProgram& native,
                                                       const ir::SymbolBinding& binding, std::shared_ptr<Trace> trace);

  /// What a watched execution runs instead of the compiled step; its context must be watched by a
  /// StepProfile of the program.
  static void entry(dlc_context* context, void* const* buffers, const int64_t* scalars);

  void chunk_ran(int64_t chunk, Clock::time_point start, Clock::time_point end) noexcept override;

  /// One row a kernel call, in order.
  std::vector<KernelProfile> rows() const;

 private:
  struct Call {
    dlc_entry_fn kernel = nullptr;
    int64_t buffers_at = 0, scalars_at = 0;
    bool ends_on_fault = false;  ///< the first of phase 2: not reached by a run with a fault
    std::string label, args;     ///< of the trace's events
    KernelProfile row;
  };
  StepProfile() = default;
  void run(dlc_context* context, void* const* buffers, const int64_t* scalars);

  std::string name_;
  std::shared_ptr<Trace> trace_;
  std::vector<Call> calls_;
  const Call* current_ = nullptr;
};

}  // namespace dlc::backend
