#include "frontend/ops/activations.h"

namespace dlc {

using ir::Value;

ir::Value expansions::softplus(ir::Builder& b, ir::Value x) {
  // max(x, 0) + log1p(e^-|x|), by select: its derivative at 0 is then 1 - 1/2, not that of |x|.
  const Value zero = b.full_like(x, 0);
  const Value positive = b.compare("ge", x, zero);
  const Value minus_abs = b.select(positive, b.neg(x), x);
  return b.add(b.select(positive, x, zero), b.op(ir::OpKind::kLog1p, {b.exp(minus_abs)}));
}

OpSpec softplus_spec() {
  return activation("softplus", "log(1 + e^x).", [](ExpandContext& c) {
    c.need_float(0);
    return std::vector{expansions::softplus(c.b, c.operand(0))};
  });
}

Tensor softplus(const TensorArg& x, std::string_view name) { return apply("softplus", {x}, {}, name); }

}  // namespace dlc
