#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef exp_op() {
  return {
      .doc = "The exponential function, e^x.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {g.b.mul(g.result_grad(), g.result())}; },
      .reference = map_math<[](auto x) { return std::exp(x); }>,
  };
}

}  // namespace dlc::ir
