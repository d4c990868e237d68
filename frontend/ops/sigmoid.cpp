#include "frontend/ops/activations.h"

namespace dlc {

using ir::Value;

ir::Value expansions::sigmoid(ir::Builder& b, ir::Value x) {
  // e^-x stays finite, so that its product with the derivative of the quotient does: 0 * inf is NaN.
  const double largest = x.dtype() == kFloat32 ? 88 : 709;
  const Value e = b.exp(b.min(b.neg(x), b.full_like(x, largest)));
  return b.div(b.full_like(x, 1), b.add(e, 1.0));
}

OpSpec sigmoid_spec() {
  return activation("sigmoid", "1 / (1 + e^-x).", [](ExpandContext& c) {
    c.need_float(0);
    return std::vector{expansions::sigmoid(c.b, c.operand(0))};
  });
}

Tensor sigmoid(const TensorArg& x, std::string_view name) { return apply("sigmoid", {x}, {}, name); }

}  // namespace dlc
