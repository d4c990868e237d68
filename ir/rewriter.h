// Rewriter: the only object that changes existing IR. Keeps use lists right and tells its listener
// what changed, so that a worklist can follow. New ops go in front of the op being rewritten and
// inherit its provenance.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "ir/builder.h"

namespace dlc::ir {

class Rewriter : public Builder {
 public:
  explicit Rewriter(Function& function) : Builder(function) {}

  /// New ops are placed before `op` and carry its provenance.
  void set_root(Op& op);
  /// Uses of `from` become uses of `to`; types must be equal. Ops stay where they are.
  void replace_uses(Value from, Value to);
  /// Every result of `op` is replaced and `op` erased.
  void replace(Op& op, std::span<const Value> values);
  void replace(Op& op, Value value) { replace(op, std::span<const Value>(&value, 1)); }
  /// Erases an op without users.
  void erase(Op& op);
  /// Makes operand i of `op` read `v` (of the same type).
  void set_operand(Op& op, int i, Value v);
  void set_provenance_of(Op& op, Provenance p);
  /// New results for the function.
  void set_results(std::span<const Value> values, std::vector<ResultInfo> infos);
  /// Moves `op` to just before `other`; the caller sees to dominance.
  void move_before(Op& op, Op& other);
  /// Takes `op` out of the function that it is in and puts it at the end of this one; its operands become
  /// `operands`, of the same types.
  void adopt(Op& op, std::span<const Value> operands);
  void clear_requirements() { function().requirements_.clear(); }

  /// Called for every op whose operands changed or that was made by replace().
  std::function<void(Op&)> on_changed;
  /// Called just before an op is erased.
  std::function<void(Op&)> on_erased;
  /// Whether anything was changed.
  bool changed() const { return changed_; }

 private:
  bool changed_ = false;
};

/// Removes ops without users or effects, bodies of regions included. Returns whether any was.
bool remove_dead_ops(Function& function);

}  // namespace dlc::ir
