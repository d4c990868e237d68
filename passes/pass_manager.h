// PassManager: runs passes over a function; verifies, times, prints and dumps on the way.
//
//   PassManager manager;
//   DLC_ASSIGN_OR_RETURN(const bool changed, manager.run(function, pipeline, context));
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "passes/pass.h"
#include "passes/pipeline.h"
#include "support/interrupt.h"
#include "support/trace.h"

namespace dlc::passes {

struct PassTiming {
  const PassInfo* pass;
  int runs = 0;
  int changes = 0;  ///< of the runs, how many changed something
  std::chrono::nanoseconds time{};
};

struct PassManagerOptions {
  /// After each pass, verify the function and, where the pass said "unchanged", that it was; passes that could
  /// be left out run, and must change nothing.
  /// Debug builds do, release builds do not; DLC_VERIFY decides otherwise.
  bool verify_each = default_verify_each();
  /// What the function may hold at the start; passes raise it (PassInfo::establishes).
  ir::Stage stage = ir::Stage::kAny;
  /// Gets an event for each pass; may be null.
  Trace* trace = nullptr;
  /// A function with more ops at the start or after a pass is refused (kResourceExhausted); 0: none is.
  int64_t max_ops = 0;
  /// Ends the run with its Error; looked at before each pass.
  Interrupt interrupt = {};
  /// Called after each pass.
  std::function<void(const PassInfo&, const ir::Function&, bool changed)> after_pass;

  static bool default_verify_each();
};

class PassManager {
 public:
  explicit PassManager(PassManagerOptions options = {}) : options_(std::move(options)) {}

  /// Runs the passes in order; true if any changed something. An Error names the pass. One that would change
  /// nothing, because nothing has changed since it last ran, is left out. What DLC_DUMP=after:REGEX asks for is written
  /// as numbered files that `dlc opt` reads.
  Expected<bool> run(ir::Function& function, const Pipeline& passes, PassContext& context);

  /// Per pass, in order of first run, over all runs of this manager.
  const std::vector<PassTiming>& timings() const { return timings_; }
  /// The timings as a table.
  std::string timing_table() const;

 private:
  Expected<void> check_limits(const ir::Function& function) const;
  Expected<bool> run_one(ir::Function& function, const PassInfo& pass, PassContext& context);
  void record(const PassInfo& pass, bool changed, std::chrono::nanoseconds time);

  PassManagerOptions options_;
  std::vector<PassTiming> timings_;
};

}  // namespace dlc::passes
