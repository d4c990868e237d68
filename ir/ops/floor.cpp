#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef floor_op() {
  return {
      .doc = "The largest integer <= x.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = kPiecewiseConstant,
      .reference = map_floats<[](auto x) { return std::floor(x); }>,
  };
}

}  // namespace dlc::ir
