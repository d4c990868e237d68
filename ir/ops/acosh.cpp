#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef acosh_op() {
  return {
      .doc = "Inverse hyperbolic cosine, >= 0; NaN below 1.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      // x^2 - 1 as a product: no cancellation near 1.
      .gradient = [](GradContext& g) -> Gradients {
        const Value x = g.operand(0);
        return {g.b.mul(g.result_grad(), g.b.rsqrt(g.b.mul(g.b.add(x, -1.0), g.b.add(x, 1.0))))};
      },
      .reference = map_math<[](auto x) { return std::acosh(x); }>,
  };
}

}  // namespace dlc::ir
