#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef sqrt_op() {
  return {
      .doc = "Square root, correctly rounded; NaN below 0. Gradient at 0: infinite.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {g.b.div(g.b.mul(g.result_grad(), 0.5), g.result())}; },
      .reference = map_floats<[](auto x) { return std::sqrt(x); }>,
  };
}

}  // namespace dlc::ir
