#include <limits>

#include "frontend/ops/binary.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_hypot(ExpandContext& c) {
  c.need_float(0);
  const auto [x, y] = pair_of(c);
  const Value ax = c.b.op(ir::OpKind::kAbs, {x}), ay = c.b.op(ir::OpKind::kAbs, {y});
  const Value large = c.b.max(ax, ay), small = c.b.min(ax, ay), zero = c.b.full_like(x, 0);
  // At the origin and at infinity the ratio is 0 / 0 or inf / inf; 0 / 1 does there.
  const Value plain = c.b.op(ir::OpKind::kIsFinite, {large});
  const Value usable = c.b.logical_and(plain, c.b.compare("gt", large, zero));
  const Value divisor = c.b.select(usable, large, c.b.full_like(x, 1));
  const Value ratio = c.b.div(c.b.select(usable, small, zero), divisor);
  const Value length = c.b.mul(large, c.b.sqrt(c.b.add(c.b.mul(ratio, ratio), 1.0)));
  // Of infinity and NaN it is infinity: whatever the NaN stands for.
  const Value infinity = c.b.full_like(x, std::numeric_limits<double>::infinity());
  const Value infinite = c.b.logical_or(c.b.compare("eq", ax, infinity), c.b.compare("eq", ay, infinity));
  return {c.b.select(infinite, infinity, length)};
}

}  // namespace

OpSpec hypot_spec() {
  return binary_spec("hypot", "powers",
                     "sqrt(x^2 + y^2) of f32 or f64, without overflow on the way; infinity of infinity and NaN.",
                     expand_hypot);
}

Tensor hypot(const TensorArg& x, const TensorArg& y, std::string_view name) { return apply("hypot", {x, y}, {}, name); }

}  // namespace dlc
