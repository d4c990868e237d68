#include "ir/ops/error_function.h"

namespace dlc::ir {

OpDef erfc_op() {
  return {
      .doc = "1 - erf(x), exact for large x.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {gaussian(g, -kTwoOverSqrtPi, g.operand(0), -1)}; },
      .reference = map_math<[](auto x) { return std::erfc(x); }>,
  };
}

}  // namespace dlc::ir
