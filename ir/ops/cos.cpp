#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef cos_op() {
  return {
      .doc = "Cosine; NaN at infinities.",
      .operands = {{"x", TypeClass::kFloating, "radians, any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.neg(g.b.mul(g.result_grad(), g.b.op(OpKind::kSin, {g.operand(0)})))};
      },
      .reference = map_math<[](auto x) { return std::cos(x); }>,
  };
}

}  // namespace dlc::ir
