// An identity that only differentiation looks at; drop-pins removes it.
#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef pin_op() {
  return {
      .doc = "x itself, a value of its own: gradients are taken with respect to it, or stop at it.",
      .operands = {{"x", TypeClass::kAny, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {g.result_grad()}; },
      .reference = same_elements,
  };
}

}  // namespace dlc::ir
