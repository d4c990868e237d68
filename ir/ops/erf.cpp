#include "ir/ops/error_function.h"

namespace dlc::ir {

OpDef erf_op() {
  return {
      .doc = "Error function: 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {gaussian(g, kTwoOverSqrtPi, g.operand(0), -1)}; },
      .reference = map_math<[](auto x) { return std::erf(x); }>,
  };
}

}  // namespace dlc::ir
