#include "frontend/ops/binary.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_div_no_nan(ExpandContext& c) {
  c.need_float(0);
  const auto [x, y] = pair_of(c);
  const Value zero = c.b.full_like(y, 0);
  const Value is_zero = c.b.compare("eq", y, zero);
  // The quotient that is thrown away must not be infinite: 0 * inf would enter the gradient.
  const Value quotient = c.b.div(x, c.b.select(is_zero, c.b.full_like(y, 1), y));
  return {c.b.select(is_zero, zero, quotient)};
}

}  // namespace

OpSpec div_no_nan_spec() {
  return binary_spec("div_no_nan", "arithmetic", "x / y, 0 where y is 0.", expand_div_no_nan);
}

Tensor div_no_nan(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("div_no_nan", {x, y}, {}, name);
}

}  // namespace dlc
