#include "frontend/ops/activations.h"

namespace dlc {

using ir::Value;

ir::Value expansions::elu(ir::Builder& b, ir::Value x, double alpha) {
  // Not min(0, x), which at 0 would hand its gradient to the 0.
  const Value zero = b.full_like(x, 0), above = b.compare("gt", x, zero);
  const Value below = b.mul(b.op(ir::OpKind::kExpm1, {b.select(above, zero, x)}), alpha);
  return b.select(above, x, below);
}

OpSpec elu_spec() {
  return activation("elu", "x where x > 0, else alpha * (e^x - 1).",
                    [](ExpandContext& c) {
                      c.need_float(0);
                      return std::vector{expansions::elu(c.b, c.operand(0), c.float_attr("alpha"))};
                    },
                    {default_attr("alpha", 1.0, "minus the limit at -inf")});
}

Tensor elu(const TensorArg& x, double alpha, std::string_view name) {
  return apply("elu", {x}, {{"alpha", alpha}}, name);
}

}  // namespace dlc
