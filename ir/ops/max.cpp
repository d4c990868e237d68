#include "ir/ops/combine.h"
#include "ir/ops/extremum.h"

namespace dlc::ir {

OpDef max_op() {
  return {
      .doc = "(a > b or a is NaN) ? a : b, so NaN propagates from either side. Gradient: to a where a >= b, else to b.",
      .operands = {{"a", TypeClass::kNumeric, "any dimensions"}, {"b", TypeClass::kNumeric, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // max_c1, max_c2
      .gradient = [](GradContext& g) -> Gradients { return grad_extremum(g, "ge"); },
      .reference = zip_numbers<[](auto a, auto b) { return nan_max(a, b); }>,
  };
}

}  // namespace dlc::ir
