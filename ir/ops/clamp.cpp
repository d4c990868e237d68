#include "ir/ops/combine.h"
#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

/// x passes inside [lo, hi], the bounds included; lo is passed below, hi above, and everywhere where the
/// bounds cross.
Gradients grad_clamp(GradContext& g) {
  Builder& b = g.b;
  const Value lo = g.operand(0), x = g.operand(1), hi = g.operand(2);
  const Value dy = g.result_grad(), zero = b.full_like(dy, 0.0);
  const Value below = b.compare("lt", x, lo), above = b.compare("gt", x, hi);
  Gradients out(3);
  if (g.needed(0)) out[0] = b.select(b.logical_and(below, b.compare("le", lo, hi)), dy, zero);
  if (g.needed(1)) out[1] = b.select(b.logical_or(below, above), zero, dy);
  if (g.needed(2)) out[2] = b.select(b.logical_or(above, b.compare("gt", lo, hi)), dy, zero);
  return out;
}

}  // namespace

OpDef clamp_op() {
  return {
      .doc = "min(max(x, lo), hi). Gradient: to x inside the bounds and on them; where they cross, to hi.",
      .operands = {{"lo", TypeClass::kNumeric, "lower bound, any dimensions"},
                   {"x", TypeClass::kNumeric, "the type of lo"},
                   {"hi", TypeClass::kNumeric, "upper bound, the type of lo"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_ternary,  // clamp_c1, clamp_c2
      .gradient = grad_clamp,
      .reference = zip3_numbers<[](auto lo, auto x, auto hi) { return nan_min(nan_max(x, lo), hi); }>,
  };
}

}  // namespace dlc::ir
