#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef rsqrt_op() {
  return {
      .doc = "1 / sqrt(x): inf at 0, NaN below.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      // -1/2 x^(-3/2) = -1/2 y^3.
      .gradient = [](GradContext& g) -> Gradients {
        const Value y = g.result();
        return {g.b.mul(g.b.mul(g.result_grad(), -0.5), g.b.mul(square(g.b, y), y))};
      },
      .reference = map_math<[](auto x) { return 1 / std::sqrt(x); }>,
  };
}

}  // namespace dlc::ir
