#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef log_op() {
  return {
      .doc = "Natural logarithm: -inf at 0, NaN below.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {g.b.div(g.result_grad(), g.operand(0))}; },
      .reference = map_math<[](auto x) { return std::log(x); }>,
  };
}

}  // namespace dlc::ir
