#include "frontend/ops/activations.h"

namespace dlc {

OpSpec selu_spec() {
  return activation("selu", "scale * elu(x, alpha) with the constants of Klambauer et al. 2017.", [](ExpandContext& c) {
    c.need_float(0);
    constexpr double kAlpha = 1.6732632423543772848, kScale = 1.0507009873554804934;
    return std::vector{c.b.mul(expansions::elu(c.b, c.operand(0), kAlpha), kScale)};
  });
}

Tensor selu(const TensorArg& x, std::string_view name) { return apply("selu", {x}, {}, name); }

}  // namespace dlc
