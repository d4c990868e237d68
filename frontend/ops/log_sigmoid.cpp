#include "frontend/ops/activations.h"

namespace dlc {

OpSpec log_sigmoid_spec() {
  return activation("log_sigmoid", "log(sigmoid(x)) = -softplus(-x).", [](ExpandContext& c) {
    c.need_float(0);
    return std::vector{c.b.neg(expansions::softplus(c.b, c.b.neg(c.operand(0))))};
  });
}

Tensor log_sigmoid(const TensorArg& x, std::string_view name) { return apply("log_sigmoid", {x}, {}, name); }

}  // namespace dlc
