#include "frontend/ops/activations.h"

namespace dlc {

using ir::Value;

OpSpec hard_sigmoid_spec() {
  return activation("hard_sigmoid", "0.2 x + 0.5, clipped to [0, 1].", [](ExpandContext& c) {
    c.need_float(0);
    const Value x = c.operand(0);
    const Value line = c.b.add(c.b.mul(x, 0.2), 0.5);
    return std::vector{c.b.op(ir::OpKind::kClamp, {c.b.full_like(x, 0), line, c.b.full_like(x, 1)})};
  });
}

Tensor hard_sigmoid(const TensorArg& x, std::string_view name) { return apply("hard_sigmoid", {x}, {}, name); }

}  // namespace dlc
