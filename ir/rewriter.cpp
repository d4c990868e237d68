#include "ir/rewriter.h"

#include <utility>

#include "ir/op_def.h"
#include "support/check.h"

namespace dlc::ir {

void Rewriter::set_root(Op& op) {
  set_insertion_before(op.is(OpKind::kReturn) ? nullptr : &op);
  set_provenance(op.provenance());
}

void Rewriter::replace_uses(Value from, Value to) {
  if (from == to) return;
  DLC_CHECK(from.type() == to.type(), "a value of {} replaced by one of {}", from.type(), to.type());
  const InlineVector<Use, 1> moved = std::exchange(from.op->results_[static_cast<size_t>(from.index)].uses, {});
  for (const Use& use : moved) {
    use.user->operands_[static_cast<size_t>(use.operand)] = to;
    use.user->add_use(to, use.operand);
    if (on_changed) on_changed(*use.user);
  }
  changed_ = changed_ || !moved.empty();
}

void Rewriter::replace(Op& op, std::span<const Value> values) {
  DLC_CHECK(static_cast<int>(values.size()) == op.num_results(), "{} has {} results, {} given", op.name(),
            op.num_results(), values.size());
  for (int i = 0; i < op.num_results(); ++i) replace_uses(op.result(i), values[static_cast<size_t>(i)]);
  if (on_changed)
    for (const Value v : values)
      if (!v.is(OpKind::kParam)) on_changed(*v.op);
  erase(op);
}

void Rewriter::erase(Op& op) {
  DLC_CHECK(op.unused(), "{} is erased but has users", op.name());
  if (on_erased) on_erased(op);
  for (int i = 0; i < op.num_operands(); ++i) op.drop_use(op.operand(i), i);
  changed_ = true;
  op.parent_->ops_.erase(&op);
}

void Rewriter::set_operand(Op& op, int i, Value v) {
  DLC_CHECK(op.operand(i).type() == v.type(), "operand {} of {}: {} replaced by {}", i, op.name(), op.operand(i).type(),
            v.type());
  op.set_operand(i, v);
  changed_ = true;
  if (on_changed) on_changed(op);
}

void Rewriter::set_provenance_of(Op& op, Provenance p) { op.provenance_ = std::move(p); }

void Rewriter::set_results(std::span<const Value> values, std::vector<ResultInfo> infos) {
  Function& f = function();
  if (f.return_) {
    for (int i = 0; i < f.return_->num_operands(); ++i) f.return_->drop_use(f.return_->operand(i), i);
    f.return_.reset();
  }
  f.set_results(values, std::move(infos));
  changed_ = true;
}

void Rewriter::move_before(Op& op, Op& other) {
  op.parent_->ops_.move_before(&op, op.parent_->ops_, &other);
  changed_ = true;
}

void Rewriter::adopt(Op& op, std::span<const Value> operands) {
  DLC_CHECK(static_cast<int>(operands.size()) == op.num_operands(), "{} has {} operands, {} given", op.name(),
            op.num_operands(), operands.size());
  function().ops_.move_before(&op, op.parent_->ops_, nullptr);
  op.parent_ = &function();
  for (int i = 0; i < op.num_operands(); ++i) set_operand(op, i, operands[static_cast<size_t>(i)]);
  changed_ = true;
}

bool remove_dead_ops(Function& function) {
  Rewriter rw(function);
  bool changed = false;
  for (auto it = function.ops().end(); it != function.ops().begin();) {
    --it;
    Op& op = **it;
    if (!op.unused() || op.def().has_effects) {
      for (const auto& region : op.regions()) changed |= remove_dead_ops(*region);
      continue;
    }
    ++it;
    rw.erase(op);
    changed = true;
  }
  return changed;
}

}  // namespace dlc::ir
