#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef round_even_op() {
  return {
      .doc = "The nearest integer; of two equally near ones the even.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = kPiecewiseConstant,
      // The default rounding mode is to even; the interpreter never changes it.
      .reference = map_floats<[](auto x) { return std::nearbyint(x); }>,
  };
}

}  // namespace dlc::ir
