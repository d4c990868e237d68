#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef atan_op() {
  return {
      .doc = "Inverse tangent in [-pi/2, pi/2].",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.div(g.result_grad(), g.b.add(square(g.b, g.operand(0)), 1.0))};
      },
      .reference = map_math<[](auto x) { return std::atan(x); }>,
  };
}

}  // namespace dlc::ir
