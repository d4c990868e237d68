#include "frontend/ops/binary.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_xlogy(ExpandContext& c) {
  c.need_float(0);
  const auto [x, y] = pair_of(c);
  const Value zero = c.b.full_like(x, 0);
  const Value is_zero = c.b.compare("eq", x, zero);
  const Value safe = c.b.select(is_zero, c.b.full_like(y, 1), y);
  return {c.b.select(is_zero, zero, c.b.mul(x, c.b.log(safe)))};
}

}  // namespace

OpSpec xlogy_spec() { return binary_spec("xlogy", "powers", "x * log(y), 0 where x is 0.", expand_xlogy); }

Tensor xlogy(const TensorArg& x, const TensorArg& y, std::string_view name) { return apply("xlogy", {x, y}, {}, name); }

}  // namespace dlc
