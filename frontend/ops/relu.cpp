#include "frontend/ops/activations.h"

namespace dlc {

ir::Value expansions::relu(ir::Builder& b, ir::Value x) {
  // The zero first: of equal operands max sends the gradient to the first, and relu'(0) is 0.
  return b.max(b.full_like(x, 0), x);
}

OpSpec relu_spec() {
  return activation("relu", "max(x, 0); NaN stays NaN.", [](ExpandContext& c) {
    c.need_number(0);
    return std::vector{expansions::relu(c.b, c.operand(0))};
  });
}

Tensor relu(const TensorArg& x, std::string_view name) { return apply("relu", {x}, {}, name); }

}  // namespace dlc
