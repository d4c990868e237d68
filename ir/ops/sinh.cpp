#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef sinh_op() {
  return {
      .doc = "Hyperbolic sine.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.op(OpKind::kCosh, {g.operand(0)}))};
      },
      .reference = map_math<[](auto x) { return std::sinh(x); }>,
  };
}

}  // namespace dlc::ir
