#include "ir/ops/combine.h"
#include "ir/ops/extremum.h"

namespace dlc::ir {

OpDef min_op() {
  return {
      .doc = "(a < b or a is NaN) ? a : b, so NaN propagates from either side. Gradient: to a where a <= b, else to b.",
      .operands = {{"a", TypeClass::kNumeric, "any dimensions"}, {"b", TypeClass::kNumeric, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // min_c1, min_c2
      .gradient = [](GradContext& g) -> Gradients { return grad_extremum(g, "le"); },
      .reference = zip_numbers<[](auto a, auto b) { return nan_min(a, b); }>,
  };
}

}  // namespace dlc::ir
