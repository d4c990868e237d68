// BoundPlan: a plan with its sizes bound. Where every buffer lies and what every scalar is, as the
// table of runtime/program.h, which an Execution runs and an ahead-of-time object carries.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "backend/plan/plan.h"
#include "runtime/program.h"

namespace dlc::backend {

class BoundPlan {
 public:
  /// Evaluates every size and places the arena's buffers. `plan` is borrowed: the table's texts and
  /// constants are the plan's own. kResourceExhausted for a buffer that no machine can hold; an
  /// Error of Dim::evaluate for a symbol without a size.
  static Expected<BoundPlan> create(const Plan& plan, const ir::SymbolBinding& binding, dlc_entry_fn entry);
  BoundPlan(BoundPlan&&) = default;
  BoundPlan& operator=(BoundPlan&&) = default;

  /// Valid while this and the plan are. `target` is "".
  const dlc_program& table() const { return table_; }
  const Shape& result_shape(int result) const { return result_shapes_[static_cast<size_t>(result)]; }
  /// Parts of the arena that no buffer ever covers: checked runs look after them.
  std::span<const std::pair<size_t, size_t>> gaps() const { return gaps_; }

 private:
  explicit BoundPlan(const Plan& plan) : plan_(&plan) {}
  Expected<void> place_buffers(const ir::SymbolBinding& binding);
  Expected<void> lay_out_calls(const ir::SymbolBinding& binding);
  Expected<void> describe_values(const ir::SymbolBinding& binding);
  void describe_rest();

  const Plan* plan_;
  dlc_program table_{};
  std::vector<size_t> offsets_;  ///< in the arena, by plan buffer
  std::vector<std::pair<size_t, size_t>> gaps_;
  std::vector<dlc_slot> slots_;
  std::vector<int64_t> scalars_;
  std::vector<Shape> param_shapes_, result_shapes_;
  std::vector<dlc_value> params_, results_;
  std::vector<dlc_constant> constants_;
  std::vector<dlc_site> sites_;
};

/// The table's form of a check; its texts are those of `site`.
dlc_site to_table(const PlanSite& site);

}  // namespace dlc::backend
