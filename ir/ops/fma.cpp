#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

Gradients grad_fma(GradContext& g) {
  const Value dy = g.result_grad();
  return {g.needed(0) ? g.b.mul(dy, g.operand(1)) : Value{}, g.needed(1) ? g.b.mul(dy, g.operand(0)) : Value{}, dy};
}

}  // namespace

OpDef fma_op() {
  return {
      .doc = "a * b + c, rounded once. Made by form-fma where the machine has it.",
      .operands = {{"a", TypeClass::kFloating, "any dimensions"},
                   {"b", TypeClass::kFloating, "the type of a"},
                   {"c", TypeClass::kFloating, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_ternary,  // fma_c1, fma_c2
      .gradient = grad_fma,
      .reference = zip3_floats<[](auto a, auto b, auto c) { return std::fma(a, b, c); }>,
  };
}

}  // namespace dlc::ir
