#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

/// d/da a^b = b a^(b-1), with no NaN at a = 0 for b = 0, where b a^(b-1) is 0 * inf.
Value base_gradient(GradContext& g) {
  Builder& b = g.b;
  const Value base = g.operand(0), exponent = g.operand(1), dy = g.result_grad();
  // A known exponent gives the plain form: no pow at all for the common square.
  if (const std::optional<double> known = uniform_constant(exponent)) {
    if (*known == 0) return {};
    if (*known == 1) return dy;
    if (*known == 2) return b.mul(dy, b.mul(base, 2.0));
    return b.mul(dy, b.mul(b.pow(base, b.full_like(base, *known - 1)), *known));
  }
  const Value zero = b.full_like(base, 0.0);
  const Value both_zero = b.logical_and(b.compare("eq", base, zero), b.compare("eq", exponent, zero));
  const Value safe = b.select(both_zero, b.full_like(base, 1.0), exponent);
  return b.mul(dy, b.mul(exponent, b.pow(base, b.add(safe, -1.0))));
}

/// d/db a^b = a^b log(a); 0 where a <= 0, as in TensorFlow. The inner select keeps log's own
/// gradient finite there.
Value exponent_gradient(GradContext& g) {
  Builder& b = g.b;
  const Value base = g.operand(0);
  const Value positive = b.compare("gt", base, b.full_like(base, 0.0));
  const Value log_base = b.log(b.select(positive, base, b.full_like(base, 1.0)));
  return b.mul(g.result_grad(), b.mul(g.result(), log_base));
}

Gradients grad_pow(GradContext& g) {
  return {g.needed(0) ? base_gradient(g) : Value{}, g.needed(1) ? exponent_gradient(g) : Value{}};
}

}  // namespace

OpDef pow_op() {
  return {
      .doc =
          "a^b with C's rules: a^0 is 1, a negative a needs an integral b, else NaN. The gradient with respect to\n"
          "b is 0 where a <= 0.",
      .operands = {{"a", TypeClass::kFloating, "base, any dimensions"},
                   {"b", TypeClass::kFloating, "exponent, the type of a"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // pow_c1, pow_c2
      .gradient = grad_pow,
      .reference = zip_math<[](auto a, auto b) { return std::pow(a, b); }>,
  };
}

}  // namespace dlc::ir
