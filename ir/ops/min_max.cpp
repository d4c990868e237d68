// max min clamp.
#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

/// dy goes to a where `direction` holds between a and b, else to b: the convention of TensorFlow,
/// where ties belong to a.
Gradients choose(GradContext& g, const char* direction) {
  const Value dy = g.result_grad(), zero = g.b.full_like(dy, 0.0);
  const Value first = g.b.compare(direction, g.operand(0), g.operand(1));
  return {g.needed(0) ? g.b.select(first, dy, zero) : Value{}, g.needed(1) ? g.b.select(first, zero, dy) : Value{}};
}

/// x passes inside [lo, hi], the bounds included; lo is passed below, hi above.
Gradients grad_clamp(GradContext& g) {
  Builder& b = g.b;
  const Value lo = g.operand(0), x = g.operand(1), hi = g.operand(2);
  const Value dy = g.result_grad(), zero = b.full_like(dy, 0.0);
  const Value below = b.compare("lt", x, lo), above = b.compare("gt", x, hi);
  Gradients out(3);
  if (g.needed(0)) out[0] = b.select(below, dy, zero);
  if (g.needed(1)) out[1] = b.select(b.logical_or(below, above), zero, dy);
  if (g.needed(2)) out[2] = b.select(above, dy, zero);
  return out;
}

}  // namespace

OpDef max_op() {
  return {
      .doc = "(a > b or a is NaN) ? a : b, so NaN propagates from either side. Gradient: to a where a >= b, else to b.",
      .operands = {{"a", TypeClass::kNumeric, "any dimensions"}, {"b", TypeClass::kNumeric, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // max_c1, max_c2
      .gradient = [](GradContext& g) -> Gradients { return choose(g, "ge"); },
      .reference = zip_numbers<[](auto a, auto b) { return propagating_max(a, b); }>,
  };
}

OpDef min_op() {
  return {
      .doc = "(a < b or a is NaN) ? a : b, so NaN propagates from either side. Gradient: to a where a <= b, else to b.",
      .operands = {{"a", TypeClass::kNumeric, "any dimensions"}, {"b", TypeClass::kNumeric, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // min_c1, min_c2
      .gradient = [](GradContext& g) -> Gradients { return choose(g, "le"); },
      .reference = zip_numbers<[](auto a, auto b) { return propagating_min(a, b); }>,
  };
}

OpDef clamp_op() {
  return {
      .doc = "min(max(x, lo), hi). Gradient: to x inside the bounds and on them.",
      .operands = {{"lo", TypeClass::kNumeric, "lower bound, any dimensions"},
                   {"x", TypeClass::kNumeric, "the type of lo"},
                   {"hi", TypeClass::kNumeric, "upper bound, the type of lo"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_ternary,  // clamp_c1, clamp_c2
      .gradient = grad_clamp,
      .reference = zip3_numbers<[](auto lo, auto x, auto hi) { return propagating_min(propagating_max(x, lo), hi); }>,
  };
}

}  // namespace dlc::ir
