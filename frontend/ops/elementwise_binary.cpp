// Operators of two operands, stretched to one shape.
#include <cmath>
#include <tuple>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

using ir::Value;

namespace {

OpSpec binary_spec(const char* name, const char* category, const char* doc, OpSpec::Expand expand, const char* x = "x",
                   const char* y = "y") {
  return {.name = name,
          .category = category,
          .doc = doc,
          .operands = {{x, "any shape"}, {y, "of the same element type; shapes broadcast"}},
          .expand = expand};
}

/// Both operands in one type and shape.
std::pair<Value, Value> pair_of(ExpandContext& c) {
  c.need_same_dtype(0, 1);
  return c.broadcast_pair(c.operand(0), c.operand(1));
}

template <ir::OpKind kind>
std::vector<Value> expand_binary(ExpandContext& c) {
  const auto [x, y] = pair_of(c);
  return {c.b.op(kind, {x, y})};
}

template <ir::OpKind kind>
std::vector<Value> expand_logical(ExpandContext& c) {
  c.need_bool(0);
  return expand_binary<kind>(c);
}

/// Integers of different widths compare as the wider of the two, which is exact: argmax is i64, labels
/// often are i32.
std::vector<Value> expand_compare(ExpandContext& c, const char* direction) {
  Value x = c.operand(0), y = c.operand(1);
  if (is_signed_int(x.dtype()) && is_signed_int(y.dtype())) {
    const DType wide = x.dtype() == kInt64 || y.dtype() == kInt64 ? kInt64 : kInt32;
    x = c.b.convert(x, wide);
    y = c.b.convert(y, wide);
  } else {
    c.need_same_dtype(0, 1);
  }
  std::tie(x, y) = c.broadcast_pair(x, y);
  return {c.b.compare(direction, x, y)};
}

std::vector<Value> expand_divide(ExpandContext& c) {
  c.need_number(0);
  auto [x, y] = pair_of(c);
  if (!is_float(x.dtype())) {
    const DType wide = x.dtype() == kUInt8 ? kFloat32 : kFloat64;
    x = c.b.convert(x, wide);
    y = c.b.convert(y, wide);
  }
  return {c.b.div(x, y)};
}

std::vector<Value> expand_div_no_nan(ExpandContext& c) {
  c.need_float(0);
  const auto [x, y] = pair_of(c);
  const Value zero = c.b.full_like(y, 0);
  const Value is_zero = c.b.compare("eq", y, zero);
  // The quotient that is thrown away must not be infinite: 0 * inf would enter the gradient.
  const Value quotient = c.b.div(x, c.b.select(is_zero, c.b.full_like(y, 1), y));
  return {c.b.select(is_zero, zero, quotient)};
}

/// Whether x / y, rounded towards zero with remainder r, must be one less to be rounded down.
Value rounds_down(ir::Builder& b, Value r, Value y) {
  const Value zero = b.full_like(y, 0);
  const Value signs_differ = b.op(ir::OpKind::kXor, {b.compare("lt", r, zero), b.compare("lt", y, zero)});
  return b.logical_and(b.compare("ne", r, zero), signs_differ);
}

std::vector<Value> expand_floordiv(ExpandContext& c) {
  c.need_number(0);
  const auto [x, y] = pair_of(c);
  if (is_float(x.dtype())) return {c.b.op(ir::OpKind::kFloor, {c.b.div(x, y)})};
  const Value quotient = c.b.div(x, y);
  if (is_unsigned_int(x.dtype())) return {quotient};
  const Value remainder = c.b.sub(x, c.b.mul(quotient, y));
  return {c.b.select(rounds_down(c.b, remainder, y), c.b.sub(quotient, c.b.full_like(y, 1)), quotient)};
}

std::vector<Value> expand_truncatediv(ExpandContext& c) {
  c.need_integer(0);
  return expand_binary<ir::OpKind::kDiv>(c);
}

std::vector<Value> expand_mod(ExpandContext& c) {
  c.need_number(0);
  const auto [x, y] = pair_of(c);
  const Value remainder = c.b.op(ir::OpKind::kRem, {x, y});
  if (is_unsigned_int(x.dtype())) return {remainder};
  return {c.b.select(rounds_down(c.b, remainder, y), c.b.add(remainder, y), remainder)};
}

std::vector<Value> expand_squared_difference(ExpandContext& c) {
  const auto [x, y] = pair_of(c);
  const Value d = c.b.sub(x, y);
  return {c.b.mul(d, d)};
}

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
  return {c.b.mul(large, c.b.sqrt(c.b.add(c.b.mul(ratio, ratio), 1.0)))};
}

std::vector<Value> expand_xlogy(ExpandContext& c) {
  c.need_float(0);
  const auto [x, y] = pair_of(c);
  const Value zero = c.b.full_like(x, 0);
  const Value is_zero = c.b.compare("eq", x, zero);
  const Value safe = c.b.select(is_zero, c.b.full_like(y, 1), y);
  return {c.b.select(is_zero, zero, c.b.mul(x, c.b.log(safe)))};
}

std::vector<Value> expand_add_n(ExpandContext& c) {
  const std::span<const Value> xs = c.list(0);
  if (xs.empty()) c.fail(ErrorCode::kInvalidArgument, "needs at least one operand");
  Value sum = xs[0];
  for (const Value& x : xs.subspan(1)) {
    if (x.dtype() != sum.dtype() || x.rank() != sum.rank())
      c.fail(ErrorCode::kInvalidShape, "operands need one type, got {} and {}", sum.type(), x.type());
    for (int64_t i = 0; i < x.rank(); ++i)
      c.require(sum.type().dim(i), x.type().dim(i), fmt::format("operands {} and {}", sum.type(), x.type()));
    sum = c.b.add(sum, x.dims() == sum.dims() ? x : c.b.reshape(x, sum.dims()));
  }
  return {sum};
}

}  // namespace

#define DLC_BINARY(op, category, doc, expand)                            \
  OpSpec op##_spec() { return binary_spec(#op, category, doc, expand); } \
  Tensor op(const TensorArg& x, const TensorArg& y, std::string_view name) { return apply(#op, {x, y}, {}, name); }
#define DLC_COMPARE(op, direction, doc) \
  DLC_BINARY(op, "comparison", doc, [](ExpandContext& c) { return expand_compare(c, direction); })

DLC_BINARY(add, "arithmetic", "x + y.", expand_binary<ir::OpKind::kAdd>)
DLC_BINARY(subtract, "arithmetic", "x - y.", expand_binary<ir::OpKind::kSub>)
DLC_BINARY(multiply, "arithmetic", "x * y.", expand_binary<ir::OpKind::kMul>)
DLC_BINARY(divide, "arithmetic", "x / y; of integers in f64 (of u8 in f32).", expand_divide)
DLC_BINARY(div_no_nan, "arithmetic", "x / y, 0 where y is 0.", expand_div_no_nan)
DLC_BINARY(floordiv, "arithmetic", "x / y rounded down. Integers: y = 0 fails the run.", expand_floordiv)
DLC_BINARY(truncatediv, "arithmetic", "x / y of integers, rounded towards zero; y = 0 fails the run.",
           expand_truncatediv)
DLC_BINARY(mod, "arithmetic", "x - y * floor(x / y): the sign of y. Integers: y = 0 fails the run.", expand_mod)
DLC_BINARY(truncatemod, "arithmetic", "x - y * trunc(x / y): the sign of x. Integers: y = 0 fails the run.",
           expand_binary<ir::OpKind::kRem>)
DLC_BINARY(pow, "powers", "x^y; x^0 is 1.", expand_binary<ir::OpKind::kPow>)
DLC_BINARY(maximum, "arithmetic", "The larger; NaN if one is NaN.", expand_binary<ir::OpKind::kMax>)
DLC_BINARY(minimum, "arithmetic", "The smaller; NaN if one is NaN.", expand_binary<ir::OpKind::kMin>)
DLC_BINARY(squared_difference, "arithmetic", "(x - y)^2.", expand_squared_difference)
DLC_BINARY(hypot, "powers", "sqrt(x^2 + y^2), without overflow on the way.", expand_hypot)
DLC_BINARY(xlogy, "powers", "x * log(y), 0 where x is 0.", expand_xlogy)
DLC_COMPARE(equal, "eq", "x == y.")
DLC_COMPARE(not_equal, "ne", "x != y; true where one is NaN.")
DLC_COMPARE(less, "lt", "x < y.")
DLC_COMPARE(less_equal, "le", "x <= y.")
DLC_COMPARE(greater, "gt", "x > y.")
DLC_COMPARE(greater_equal, "ge", "x >= y.")
DLC_BINARY(logical_and, "logic", "x and y.", expand_logical<ir::OpKind::kAnd>)
DLC_BINARY(logical_or, "logic", "x or y.", expand_logical<ir::OpKind::kOr>)
DLC_BINARY(logical_xor, "logic", "Either x or y.", expand_logical<ir::OpKind::kXor>)
DLC_BINARY(bitwise_and, "bits", "Bit by bit; logical of bool.", expand_binary<ir::OpKind::kAnd>)
DLC_BINARY(bitwise_or, "bits", "Bit by bit; logical of bool.", expand_binary<ir::OpKind::kOr>)
DLC_BINARY(bitwise_xor, "bits", "Bit by bit; logical of bool.", expand_binary<ir::OpKind::kXor>)
DLC_BINARY(left_shift, "bits", "x * 2^y, wrapped; 0 for y of the width or more.", expand_binary<ir::OpKind::kShiftLeft>)
DLC_BINARY(right_shift, "bits", "x / 2^y rounded down; 0 for y of the width or more.",
           expand_binary<ir::OpKind::kShiftRight>)

#undef DLC_COMPARE
#undef DLC_BINARY

OpSpec atan2_spec() {
  return binary_spec("atan2", "trigonometry", "The angle of the point (x, y).", expand_binary<ir::OpKind::kAtan2>, "y",
                     "x");
}
Tensor atan2(const TensorArg& y, const TensorArg& x, std::string_view name) { return apply("atan2", {y, x}, {}, name); }

OpSpec add_n_spec() {
  return {.name = "add_n",
          .category = "arithmetic",
          .doc = "The sum of all, which have one type.",
          .operands = {{.name = "xs", .doc = "one or more, of one type", .variadic = true}},
          .expand = expand_add_n};
}
Tensor add_n(const std::vector<Tensor>& xs, std::string_view name, std::source_location loc) {
  return apply("add_n", {OperandArg(xs, loc)}, {}, name);
}

}  // namespace dlc
