#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef add_op() {
  return {
      .doc = "a + b.",
      .operands = {{"a", TypeClass::kNumeric, "any dimensions"}, {"b", TypeClass::kNumeric, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .commutative = true,
      .infer = infer_binary,  // add_c1, add_c2
      .gradient = [](GradContext& g) -> Gradients { return {g.result_grad(), g.result_grad()}; },
      .reference = zip_numbers<[](auto a, auto b) { return wrapping<[](auto x, auto y) { return x + y; }>(a, b); }>,
  };
}

}  // namespace dlc::ir
