#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef asin_op() {
  return {
      .doc = "Inverse sine in [-pi/2, pi/2]; NaN outside [-1, 1].",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.rsqrt(one_minus_square(g.b, g.operand(0))))};
      },
      .reference = map_math<[](auto x) { return std::asin(x); }>,
  };
}

}  // namespace dlc::ir
