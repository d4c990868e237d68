#include "frontend/ops/activations.h"

namespace dlc {

OpSpec silu_spec() {
  return activation("silu", "x * sigmoid(x), also called swish.", [](ExpandContext& c) {
    c.need_float(0);
    return std::vector{c.b.mul(c.operand(0), expansions::sigmoid(c.b, c.operand(0)))};
  });
}

Tensor silu(const TensorArg& x, std::string_view name) { return apply("silu", {x}, {}, name); }

Tensor swish(const TensorArg& x, std::string_view name) { return silu(x, name); }

}  // namespace dlc
