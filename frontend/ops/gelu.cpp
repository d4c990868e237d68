#include <cmath>
#include <numbers>

#include "frontend/ops/activations.h"

namespace dlc {

using ir::Value;

namespace {

Value expand_gelu(ir::Builder& b, Value x, bool approximate) {
  if (!approximate)  // 2 Phi(x) = 1 + erf(x / sqrt 2), as TensorFlow and PyTorch have it: absolute, not relative,
                     // accuracy
    return b.mul(b.mul(x, 0.5), b.add(b.op(ir::OpKind::kErf, {b.mul(x, 1 / std::numbers::sqrt2)}), 1.0));
  const double k = std::sqrt(2 / std::numbers::pi);
  const Value cube = b.mul(b.mul(x, x), x);
  const Value t = b.tanh(b.mul(b.add(x, b.mul(cube, 0.044715)), k));
  return b.mul(b.mul(x, 0.5), b.add(t, 1.0));
}

}  // namespace

OpSpec gelu_spec() {
  return activation("gelu", "x * Phi(x), Phi the distribution function of the normal distribution.",
                    [](ExpandContext& c) {
                      c.need_float(0);
                      return std::vector{expand_gelu(c.b, c.operand(0), c.bool_attr("approximate"))};
                    },
                    {default_attr("approximate", false, "0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))")});
}

Tensor gelu(const TensorArg& x, bool approximate, std::string_view name) {
  return apply("gelu", {x}, {{"approximate", approximate}}, name);
}

}  // namespace dlc
