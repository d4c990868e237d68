#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef expm1_op() {
  return {
      .doc = "e^x - 1, exact for small x.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      // e^x is y + 1; exp(x) itself would be a second exponential.
      .gradient = [](GradContext& g) -> Gradients { return {g.b.mul(g.result_grad(), g.b.add(g.result(), 1.0))}; },
      .reference = map_math<[](auto x) { return std::expm1(x); }>,
  };
}

}  // namespace dlc::ir
