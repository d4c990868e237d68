#include "frontend/ops/binary.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_floordiv(ExpandContext& c) {
  c.need_number(0);
  const auto [x, y] = pair_of(c);
  if (is_float(x.dtype())) return {c.b.op(ir::OpKind::kFloor, {c.b.div(x, y)})};
  const Value quotient = c.b.div(x, y);
  if (is_unsigned_int(x.dtype())) return {quotient};
  const Value remainder = c.b.sub(x, c.b.mul(quotient, y));
  return {c.b.select(rounds_down(c.b, remainder, y), c.b.sub(quotient, c.b.full_like(y, 1)), quotient)};
}

}  // namespace

OpSpec floordiv_spec() {
  return binary_spec("floordiv", "arithmetic", "x / y rounded down. Integers: y = 0 fails the run.", expand_floordiv);
}

Tensor floordiv(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("floordiv", {x, y}, {}, name);
}

}  // namespace dlc
