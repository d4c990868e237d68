#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef cosh_op() {
  return {
      .doc = "Hyperbolic cosine.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.op(OpKind::kSinh, {g.operand(0)}))};
      },
      .reference = map_math<[](auto x) { return std::cosh(x); }>,
  };
}

}  // namespace dlc::ir
