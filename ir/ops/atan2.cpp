#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef atan2_op() {
  return {
      .doc = "The angle of the point (x, y) in [-pi, pi], with C's rules at zeros and infinities.",
      .operands = {{"y", TypeClass::kFloating, "ordinate, any dimensions"},
                   {"x", TypeClass::kFloating, "abscissa, the type of y"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // atan2_c1, atan2_c2
      .gradient = [](GradContext& g) -> Gradients {
        const Value y = g.operand(0), x = g.operand(1);
        const Value scaled = g.b.div(g.result_grad(), g.b.add(square(g.b, x), square(g.b, y)));
        return {g.b.mul(scaled, x), g.b.neg(g.b.mul(scaled, y))};
      },
      .reference = zip_math<[](auto y, auto x) { return std::atan2(y, x); }>,
  };
}

}  // namespace dlc::ir
