#include "frontend/ops/binary.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_mod(ExpandContext& c) {
  c.need_number(0);
  const auto [x, y] = pair_of(c);
  const Value remainder = c.b.op(ir::OpKind::kRem, {x, y});
  if (is_unsigned_int(x.dtype())) return {remainder};
  const Value result = c.b.select(rounds_down(c.b, remainder, y), c.b.add(remainder, y), remainder);
  if (!is_float(x.dtype())) return {result};
  // Zeros have the sign of y too: r + 0 is r but for -0, which becomes +0.
  const Value negative = c.b.compare("lt", y, c.b.full_like(y, 0));
  const Value upright = c.b.add(c.b.select(negative, c.b.neg(result), result), 0.0);
  return {c.b.select(negative, c.b.neg(upright), upright)};
}

}  // namespace

OpSpec mod_spec() {
  return binary_spec("mod", "arithmetic",
                     "x - y * floor(x / y): the sign of y, of zeros too. Integers: y = 0 fails the run.", expand_mod);
}

Tensor mod(const TensorArg& x, const TensorArg& y, std::string_view name) { return apply("mod", {x, y}, {}, name); }

}  // namespace dlc
