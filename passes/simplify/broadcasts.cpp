// Element-wise work moved in front of broadcasts: done once, not for every copy.
#include <algorithm>

#include "passes/simplify/families.h"
#include "passes/simplify/family_util.h"

namespace dlc::passes {
namespace {

using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

/// The two repeat their operands in the same way.
bool same_broadcast(const Op& a, const Op& b) {
  return a.operand(0).dims() == b.operand(0).dims() && a.ints_attr("axes") == b.ints_attr("axes");
}

/// Pattern: op(broadcast(x), broadcast(y), ...) -> broadcast(op(x, y, ...))
///   [op element-wise; all repeat alike, scalars as they like; at least one is no constant]
/// Why: schedules of learning rates, per-row factors and masks are computed at their own size.
bool elementwise_of_broadcasts(Op& root, Rewriter& rw) {
  // An op that can fail names the failing element, and must not fail for a result without elements.
  const bool integer_division = root.def().can_fail && !is_float(root.type().dtype);
  if (root.type().rank() == 0 || root.num_results() != 1 || integer_division) return false;
  const Op* widest = nullptr;
  bool all_constant = true;
  for (const Value v : root.operands()) {
    if (!v.is(OpKind::kBroadcast) || v.dims() != root.type().dims) return false;
    const Value source = v.op->operand(0);
    all_constant = all_constant && source.is(OpKind::kConstant);
    if (widest == nullptr || widest->operand(0).rank() == 0) widest = v.op;
    if (source.rank() != 0 && !same_broadcast(*widest, *v.op)) return false;
  }
  if (widest == nullptr || all_constant) return false;  // constants: fold-constants does it at once
  // Nothing is saved where the only stretched axes are of size 1: those are reshapes.
  const Value source = widest->operand(0);
  if (source.type().num_elements() == root.type().num_elements()) return false;
  std::vector<Value> operands;
  for (const Value v : root.operands()) {
    const Value from = v.op->operand(0);
    operands.push_back(from.rank() == 0 ? rw.broadcast(from, source.dims(), {}) : from);
  }
  rw.replace(root, rw.broadcast(rw.create_like(root, operands)->result(), root.type().dims, widest->ints_attr("axes")));
  return true;
}

}  // namespace

void add_broadcast_patterns(PatternSet& set) {
  for (const OpKind kind : ir::all_ops())
    if (is_free_elementwise(kind)) set.add("elementwise-of-broadcasts", kind, elementwise_of_broadcasts);
}

}  // namespace dlc::passes
