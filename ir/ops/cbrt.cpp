#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef cbrt_op() {
  return {
      .doc = "Cube root, of negative numbers too. Gradient at 0: infinite.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.div(g.result_grad(), g.b.mul(square(g.b, g.result()), 3.0))};
      },
      .reference = map_math<[](auto x) { return std::cbrt(x); }>,
  };
}

}  // namespace dlc::ir
