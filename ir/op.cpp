#include "ir/op.h"

#include <algorithm>

#include "ir/op_def.h"
#include "support/check.h"

namespace dlc::ir {

const OpDef& Op::def() const { return op_def(kind_); }
const std::string& Op::name() const { return def().name; }

bool Op::unused() const {
  return std::all_of(results_.begin(), results_.end(), [](const Result& r) { return r.uses.empty(); });
}

void Op::add_use(Value v, int operand) { v.op->results_[static_cast<size_t>(v.index)].uses.push_back({this, operand}); }

void Op::drop_use(Value v, int operand) {
  std::vector<Use>& uses = v.op->results_[static_cast<size_t>(v.index)].uses;
  const auto it = std::find(uses.begin(), uses.end(), Use{this, operand});
  DLC_CHECK(it != uses.end(), "operand {} of {} is missing from the use list", operand, name());
  uses.erase(it);
}

void Op::set_operand(int i, Value v) {
  Value& slot = operands_[static_cast<size_t>(i)];
  if (slot) drop_use(slot, i);
  slot = v;
  add_use(v, i);
}

}  // namespace dlc::ir
