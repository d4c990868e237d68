#include "frontend/ops/activations.h"

namespace dlc {

using ir::Value;

OpSpec leaky_relu_spec() {
  return activation(
      "leaky_relu", "x where x > 0, else alpha * x.",
      [](ExpandContext& c) {
        c.need_float(0);
        const Value x = c.operand(0);
        return std::vector{c.b.select(c.b.compare("gt", x, c.b.full_like(x, 0)), x, c.b.mul(x, c.float_attr("alpha")))};
      },
      {default_attr("alpha", 0.2, "slope below 0")});
}

Tensor leaky_relu(const TensorArg& x, double alpha, std::string_view name) {
  return apply("leaky_relu", {x}, {{"alpha", alpha}}, name);
}

}  // namespace dlc
