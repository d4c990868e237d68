#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef tanh_op() {
  return {
      .doc = "Hyperbolic tangent.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), subtract_from(g.b, 1.0, square(g.b, g.result())))};
      },
      .reference = map_math<[](auto x) { return std::tanh(x); }>,
  };
}

}  // namespace dlc::ir
