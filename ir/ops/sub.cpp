#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef sub_op() {
  return {
      .doc = "a - b.",
      .operands = {{"a", TypeClass::kNumeric, "any dimensions"}, {"b", TypeClass::kNumeric, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // sub_c1, sub_c2
      .gradient = [](GradContext& g) -> Gradients {
        return {g.result_grad(), g.needed(1) ? g.b.neg(g.result_grad()) : Value{}};
      },
      .reference = zip_numbers<[](auto a, auto b) { return wrapping<[](auto x, auto y) { return x - y; }>(a, b); }>,
  };
}

}  // namespace dlc::ir
