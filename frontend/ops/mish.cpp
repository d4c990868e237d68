#include "frontend/ops/activations.h"

namespace dlc {

using ir::Value;

OpSpec mish_spec() {
  return activation("mish", "x * tanh(softplus(x)).", [](ExpandContext& c) {
    c.need_float(0);
    const Value x = c.operand(0);
    return std::vector{c.b.mul(x, c.b.tanh(expansions::softplus(c.b, x)))};
  });
}

Tensor mish(const TensorArg& x, std::string_view name) { return apply("mish", {x}, {}, name); }

}  // namespace dlc
