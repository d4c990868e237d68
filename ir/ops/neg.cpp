#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef neg_op() {
  return {
      .doc = "-x. Integers wrap: -MIN is MIN.",
      .operands = {{"x", TypeClass::kNumeric, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {g.b.neg(g.result_grad())}; },
      .reference = map_numbers<[](auto x) { return negative(x); }>,
  };
}

}  // namespace dlc::ir
