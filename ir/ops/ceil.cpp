#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef ceil_op() {
  return {
      .doc = "The smallest integer >= x.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = kPiecewiseConstant,
      .reference = map_floats<[](auto x) { return std::ceil(x); }>,
  };
}

}  // namespace dlc::ir
