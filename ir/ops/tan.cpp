#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef tan_op() {
  return {
      .doc = "Tangent; NaN at infinities.",
      .operands = {{"x", TypeClass::kFloating, "radians, any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.add(square(g.b, g.result()), 1.0))};
      },
      .reference = map_math<[](auto x) { return std::tan(x); }>,
  };
}

}  // namespace dlc::ir
