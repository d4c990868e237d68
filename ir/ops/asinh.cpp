#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef asinh_op() {
  return {
      .doc = "Inverse hyperbolic sine.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.rsqrt(g.b.add(square(g.b, g.operand(0)), 1.0)))};
      },
      .reference = map_math<[](auto x) { return std::asinh(x); }>,
  };
}

}  // namespace dlc::ir
