// An identity that only differentiation looks at; drop-pins removes it.
#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef stop_gradient_op() {
  return {
      .doc = "x itself, taken as constant by differentiation.",
      .operands = {{"x", TypeClass::kAny, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = "the user asked for none",
      .reference = same_elements,
  };
}

}  // namespace dlc::ir
