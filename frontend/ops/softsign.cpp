#include "frontend/ops/activations.h"

namespace dlc {

using ir::Value;

OpSpec softsign_spec() {
  return activation("softsign", "x / (1 + |x|).", [](ExpandContext& c) {
    c.need_float(0);
    const Value x = c.operand(0);
    return std::vector{c.b.div(x, c.b.add(c.b.op(ir::OpKind::kAbs, {x}), 1.0))};
  });
}

Tensor softsign(const TensorArg& x, std::string_view name) { return apply("softsign", {x}, {}, name); }

}  // namespace dlc
