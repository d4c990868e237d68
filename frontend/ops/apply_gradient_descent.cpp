#include "frontend/ops/update.h"

namespace dlc {

using ir::Value;

OpSpec apply_gradient_descent_spec() {
  return {.name = "apply_gradient_descent",
          .category = "training",
          .doc = "variable -= learning_rate * gradient.",
          .operands = {{.name = "variable", .doc = "f32 or f64", .ref = true},
                       {"learning_rate", "rank 0"},
                       {"gradient", "of the type of the variable"}},
          .expand = [](ExpandContext& c) {
            const Value v = c.operand(0), g = gradient_operand(c, 2, v);
            return std::vector{c.b.sub(v, c.b.mul(hyper_parameter(c, 1, v), g))};
          }};
}

}  // namespace dlc
