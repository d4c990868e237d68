#include "frontend/ops/reduce.h"

namespace dlc {

OpSpec l2_loss_spec() {
  return {.name = "l2_loss",
          .category = "losses",
          .doc = "sum(x^2) / 2.",
          .operands = {{"x", "f32 or f64"}},
          .expand = [](ExpandContext& c) {
            c.need_float(0);
            return std::vector{c.b.mul(expansions::sum_of_squares(c.b, c.operand(0)), 0.5)};
          }};
}

Tensor l2_loss(const TensorArg& x, std::string_view name) { return apply("l2_loss", {x}, {}, name); }

}  // namespace dlc
