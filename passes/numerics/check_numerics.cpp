#include "passes/numerics/check_numerics.h"

#include <algorithm>
#include <iterator>

#include "ir/op_def.h"
#include "ir/rewriter.h"

namespace dlc::passes {
namespace {

using ir::Op;
using ir::OpKind;
using ir::Value;

/// Whether finite operands can give a result that is not. Not so: moving elements, choosing among
/// them, rounding, and functions that are bounded.
bool may_leave_finite(const Op& op) {
  switch (op.kind()) {
    case OpKind::kExp:
    case OpKind::kExpm1:
    case OpKind::kLog:
    case OpKind::kLog1p:
    case OpKind::kSqrt:
    case OpKind::kRsqrt:
    case OpKind::kTan:
    case OpKind::kAsin:
    case OpKind::kAcos:
    case OpKind::kSinh:
    case OpKind::kCosh:
    case OpKind::kAcosh:
    case OpKind::kAtanh:
    case OpKind::kErfinv:
    case OpKind::kAdd:
    case OpKind::kSub:
    case OpKind::kMul:
    case OpKind::kDiv:
    case OpKind::kRem:
    case OpKind::kPow:
    case OpKind::kFma:
    case OpKind::kConvert:
    case OpKind::kBitcast:
    case OpKind::kReduce:
    case OpKind::kScan:
    case OpKind::kDotGeneral:
    case OpKind::kScatter: return is_float(op.type().dtype);
    default: return false;
  }
}

/// A user of another node reads the value, or the caller does.
bool leaves_node(const Op& op) {
  const auto uses = op.uses();
  return std::any_of(uses.begin(), uses.end(), [&](const ir::Use& use) {
    return use.user->is(OpKind::kReturn) || use.user->provenance().node() != op.provenance().node();
  });
}

}  // namespace

Expected<bool> run_check_numerics(ir::Function& function, PassContext&) {
  ir::Rewriter rw(function);
  for (auto it = function.ops().begin(); it != function.ops().end();) {
    Op& op = **it++;
    if (!may_leave_finite(op) || !leaves_node(op)) continue;
    rw.set_insertion_before(*it);
    rw.set_provenance(op.provenance());
    const Value checked = rw.op(OpKind::kCheckNumerics, {op.result()});
    rw.replace_uses(op.result(), checked);
    rw.set_operand(*checked.op, 0, op.result());
  }
  return rw.changed();
}

}  // namespace dlc::passes
