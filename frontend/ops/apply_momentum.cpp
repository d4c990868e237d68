#include "frontend/ops/update.h"

namespace dlc {

using ir::Value;

OpSpec apply_momentum_spec() {
  return {
      .name = "apply_momentum",
      .category = "training",
      .doc = "accumulator = momentum * accumulator + gradient; variable -= learning_rate * accumulator.",
      .operands = {{.name = "variable", .doc = "f32 or f64", .ref = true},
                   {.name = "accumulator", .doc = "of the type of the variable", .ref = true},
                   {"learning_rate", "rank 0"},
                   {"gradient", "of the type of the variable"},
                   {"momentum", "rank 0"}},
      .attrs = {default_attr("use_nesterov", false, "variable -= learning_rate * (gradient + momentum * accumulator)")},
      .expand = [](ExpandContext& c) {
        const Value v = c.operand(0), g = gradient_operand(c, 3, v);
        const Value rate = hyper_parameter(c, 2, v), momentum = hyper_parameter(c, 4, v);
        const Value a = c.b.add(c.b.mul(momentum, gradient_operand(c, 1, v)), g);
        const Value step = c.bool_attr("use_nesterov") ? c.b.add(g, c.b.mul(momentum, a)) : a;
        return std::vector{c.b.sub(v, c.b.mul(rate, step)), a};
      }};
}

}  // namespace dlc
