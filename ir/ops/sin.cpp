#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef sin_op() {
  return {
      .doc = "Sine; NaN at infinities.",
      .operands = {{"x", TypeClass::kFloating, "radians, any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.op(OpKind::kCos, {g.operand(0)}))};
      },
      .reference = map_math<[](auto x) { return std::sin(x); }>,
  };
}

}  // namespace dlc::ir
