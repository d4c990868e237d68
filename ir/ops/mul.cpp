#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef mul_op() {
  return {
      .doc = "a * b.",
      .operands = {{"a", TypeClass::kNumeric, "any dimensions"}, {"b", TypeClass::kNumeric, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .commutative = true,
      .infer = infer_binary,  // mul_c1, mul_c2
      .gradient = [](GradContext& g) -> Gradients {
        const Value dy = g.result_grad();
        return {g.needed(0) ? g.b.mul(dy, g.operand(1)) : Value{}, g.needed(1) ? g.b.mul(dy, g.operand(0)) : Value{}};
      },
      .reference = zip_numbers<[](auto a, auto b) { return wrapping<[](auto x, auto y) { return x * y; }>(a, b); }>,
  };
}

}  // namespace dlc::ir
