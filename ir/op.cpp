#include "ir/op.h"

#include <algorithm>

#include "ir/op_def.h"
#include "support/check.h"

namespace dlc::ir {

const OpDef& Op::def() const { return op_def(kind_); }
const std::string& Op::name() const { return def().name; }

const std::shared_ptr<const AttrMap>& Op::no_attrs() {
  static const auto none = std::make_shared<const AttrMap>();
  return none;
}

bool Op::unused() const {
  return std::all_of(results_.begin(), results_.end(), [](const Result& r) { return r.uses.empty(); });
}

void Op::add_use(Value v, int operand) {
  InlineVector<Use, 1>& uses = v.op->results_[static_cast<size_t>(v.index)].uses;
  use_places_.resize(operands_.size());
  use_places_[static_cast<size_t>(operand)] = static_cast<uint32_t>(uses.size());
  uses.push_back({this, operand});
}

void Op::drop_use(Value v, int operand) {
  InlineVector<Use, 1>& uses = v.op->results_[static_cast<size_t>(v.index)].uses;
  const size_t place = use_places_[static_cast<size_t>(operand)];
  DLC_CHECK(place < uses.size() && uses[place] == (Use{this, operand}), "operand {} of {} is missing from the use list",
            operand, name());
  // The last takes its place: a value may have as many users as the program has ops.
  uses[place] = uses.back();
  uses[place].user->use_places_[static_cast<size_t>(uses[place].operand)] = place;
  uses.pop_back();
}

void Op::set_operand(int i, Value v) {
  Value& slot = operands_[static_cast<size_t>(i)];
  if (slot) drop_use(slot, i);
  slot = v;
  add_use(v, i);
}

void OpList::link(Op* place, Op* op) {
  op->next_ = place;
  op->previous_ = place != nullptr ? place->previous_ : last_;
  (op->previous_ != nullptr ? op->previous_->next_ : first_) = op;
  (place != nullptr ? place->previous_ : last_) = op;
  ++size_;
}

void OpList::unlink(Op* op) {
  (op->previous_ != nullptr ? op->previous_->next_ : first_) = op->next_;
  (op->next_ != nullptr ? op->next_->previous_ : last_) = op->previous_;
  op->previous_ = op->next_ = nullptr;
  --size_;
}

Op* OpList::insert(Op* place, std::unique_ptr<Op> op) {
  link(place, op.get());
  return op.release();
}

void OpList::erase(Op* op) {
  unlink(op);
  delete op;
}

void OpList::move_before(Op* op, OpList& from, Op* place) {
  if (op == place) return;
  from.unlink(op);
  link(place, op);
}

void OpList::clear() {
  while (last_ != nullptr) erase(last_);
}

}  // namespace dlc::ir
