#include "backend/plan/cost.h"

#include <algorithm>
#include <unordered_set>

#include "ir/op_def.h"

namespace dlc::backend {
namespace {

using ir::Dim;
using ir::Op;
using ir::OpKind;

/// Element-wise ops that move, choose or look, but do not compute.
bool is_free(OpKind kind) {
  switch (kind) {
    case OpKind::kSelect:
    case OpKind::kConvert:
    case OpKind::kBitcast:
    case OpKind::kCheckNumerics: return true;
    default: return false;
  }
}

Dim flops_of(const Op& op) {
  if (!is_float(op.type().dtype)) return 0;
  Dim elements = op.type().num_elements();
  switch (op.kind()) {
    case OpKind::kDotGeneral: {
      Dim depth = 1;
      for (const int64_t axis : op.ints_attr("lhs_contract")) depth = depth * op.operand(0).type().dim(axis);
      return elements * depth * 2;
    }
    case OpKind::kReduce: return op.operand(0).type().num_elements();
    case OpKind::kScan: return elements;
    case OpKind::kScatter: return op.operand(2).type().num_elements();
    case OpKind::kFma: return elements * 2;
    default: break;
  }
  const bool computes = op.def().fusion == ir::FusionKind::kElementwise && !is_free(op.kind());
  return computes ? elements : Dim(0);
}

Dim bytes_of(const ir::TensorType& type) { return type.num_elements() * static_cast<int64_t>(size_of(type.dtype)); }

/// What is read of a region's parameter.
Dim bytes_read(ir::Value param) {
  Dim gathered = 0;
  for (const ir::Use& use : ir::uses(param)) {
    if (!use.user->is(OpKind::kGather) || use.operand != 0) return bytes_of(param.type());
    gathered = gathered + bytes_of(use.user->type());
  }
  return Dim::min(gathered, bytes_of(param.type()));
}

}  // namespace

Cost cost_of(const ir::Function& region, std::span<const ir::Value> operands) {
  Cost cost;
  for (const auto& op : region.ops()) cost.flops = cost.flops + flops_of(*op);
  std::unordered_set<ir::Value> seen;  // one buffer under two names is read once
  for (int i = 0; i < region.num_params(); ++i)
    if (seen.insert(operands[static_cast<size_t>(i)]).second) cost.bytes = cost.bytes + bytes_read(region.param(i));
  for (int r = 0; r < region.num_results(); ++r) cost.bytes = cost.bytes + bytes_of(region.result(r).type());
  return cost;
}

}  // namespace dlc::backend
