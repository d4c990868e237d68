#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef acos_op() {
  return {
      .doc = "Inverse cosine in [0, pi]; NaN outside [-1, 1].",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.neg(g.b.mul(g.result_grad(), g.b.rsqrt(one_minus_square(g.b, g.operand(0)))))};
      },
      .reference = map_math<[](auto x) { return std::acos(x); }>,
  };
}

}  // namespace dlc::ir
