#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef atanh_op() {
  return {
      .doc = "Inverse hyperbolic tangent: infinite at -1 and 1, NaN outside.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        const Value x = g.operand(0);
        return {g.b.div(g.result_grad(), g.b.mul(subtract_from(g.b, 1.0, x), g.b.add(x, 1.0)))};
      },
      .reference = map_math<[](auto x) { return std::atanh(x); }>,
  };
}

}  // namespace dlc::ir
