#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef log1p_op() {
  return {
      .doc = "log(1 + x), exact for small x: -inf at -1, NaN below.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {g.b.div(g.result_grad(), g.b.add(g.operand(0), 1.0))}; },
      .reference = map_math<[](auto x) { return std::log1p(x); }>,
  };
}

}  // namespace dlc::ir
