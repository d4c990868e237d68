#include "frontend/ops/activations.h"

namespace dlc {

using ir::Value;

OpSpec relu6_spec() {
  return activation("relu6", "min(max(x, 0), 6).", [](ExpandContext& c) {
    c.need_number(0);
    const Value x = c.operand(0);
    return std::vector{c.b.min(c.b.full_like(x, 6), expansions::relu(c.b, x))};
  });
}

Tensor relu6(const TensorArg& x, std::string_view name) { return apply("relu6", {x}, {}, name); }

}  // namespace dlc
