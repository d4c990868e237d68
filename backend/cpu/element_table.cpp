#include "backend/cpu/element_table.h"

#include <cmath>
#include <limits>
#include <unordered_map>

#include "backend/loops/math/math.h"
#include "runtime/context.h"
#include "support/check.h"

namespace dlc::backend {
namespace {

using ir::OpKind;
using loops::LoopBuilder;
using loops::Type;
using loops::Value;
namespace math = loops::math;

using Args = const ElementArgs&;

Value like(Args a, Value x, double v) { return a.b.constant({a.b.type(x).elem, 1}, v); }
Value like_int(Args a, Value x, int64_t v) { return a.b.constant_int({a.b.type(x).elem, 1}, v); }
math::MathOptions options(Args a) { return {.fma = a.k.target().has_fma}; }

Value sign(Args a) {
  const Value x = a.x[0];
  const DType t = a.b.type(x).elem;
  if (is_unsigned_int(t)) return a.b.convert(a.b.ne(x, like_int(a, x, 0)), t);
  const Value zero = like(a, x, 0), one = like(a, x, 1), minus_one = like(a, x, -1);
  // Zeros and NaN are their own sign.
  return a.b.select(a.b.gt(x, zero), one, a.b.select(a.b.lt(x, zero), minus_one, x));
}

Value abs(Args a) {
  const Value x = a.x[0];
  const DType t = a.b.type(x).elem;
  if (is_float(t)) return a.b.abs(x);
  if (is_unsigned_int(t)) return x;
  const Value zero = like_int(a, x, 0);
  return a.b.select(a.b.lt(x, zero), a.b.sub(zero, x), x);
}

Value neg(Args a) {
  const Value x = a.x[0];
  return is_float(a.b.type(x).elem) ? a.b.neg(x) : a.b.sub(like_int(a, x, 0), x);
}

Value is_nan(Args a) { return a.b.ne(a.x[0], a.x[0]); }

Value is_finite(Args a) {
  const Value x = a.x[0];
  return a.b.lt(a.b.abs(x), like(a, x, std::numeric_limits<double>::infinity()));
}

/// Integer quotient or remainder: a zero divisor is a fault, MIN / -1 wraps.
Value int_div(Args a, bool remainder) {
  LoopBuilder& b = a.b;
  const Value x = a.x[0], y = a.x[1];
  const DType t = b.type(y).elem;
  const Value zero = like_int(a, y, 0), one = like_int(a, y, 1);
  const Value is_zero = b.eq(y, zero);
  a.fault(is_zero, b.constant_int({kInt64, 1}, 0), remainder ? "remainder by zero" : "integer division by zero");
  Value divisor = b.select(is_zero, one, y);
  Value minus_one;
  if (is_signed_int(t)) {
    minus_one = b.eq(y, like_int(a, y, -1));
    divisor = b.select(minus_one, one, divisor);
  }
  if (remainder) {
    const Value r = b.rem(x, divisor);
    return b.select(is_zero, zero, r);
  }
  const Value q = b.div(x, divisor);
  return minus_one ? b.select(minus_one, b.sub(zero, x), b.select(is_zero, zero, q)) : b.select(is_zero, zero, q);
}

Value div(Args a) { return is_float(a.dtype()) ? a.b.div(a.x[0], a.x[1]) : int_div(a, false); }

Value rem(Args a) { return is_float(a.dtype()) ? math::fmod(a.b, a.x[0], a.x[1], options(a)) : int_div(a, true); }

Value shift(Args a, bool left) {
  LoopBuilder& b = a.b;
  const Value x = a.x[0], y = a.x[1];
  const DType t = b.type(y).elem;
  const Value width = like_int(a, y, static_cast<int64_t>(size_of(t) * 8));
  const Value zero = like_int(a, y, 0);
  Value ok = b.lt(y, width);
  if (is_signed_int(t)) ok = b.bit_and(ok, b.ge(y, zero));
  const Value amount = b.select(ok, y, zero);
  return b.select(ok, left ? b.shl(x, amount) : b.shr(x, amount), zero);
}

Value compare(Args a) {
  const std::string& d = a.op.str_attr("direction");
  LoopBuilder& b = a.b;
  Value x = a.x[0], y = a.x[1];
  if (d == "eq") return b.eq(x, y);
  if (d == "ne") return b.ne(x, y);
  if (b.type(x).elem == kBool) {  // false < true
    x = b.convert(x, kUInt8);
    y = b.convert(y, kUInt8);
  }
  if (d == "lt") return b.lt(x, y);
  if (d == "le") return b.le(x, y);
  if (d == "gt") return b.gt(x, y);
  return b.ge(x, y);
}

/// min(max(x, lo), hi): where the bounds cross, the upper one holds.
Value clamp(Args a) { return a.b.min(a.b.max(a.x[1], a.x[0]), a.x[2]); }

/// x, after a look at it. The value of the fault is x as f64, whatever x is of.
Value check_numerics(Args a) {
  const Value x = a.x[0];
  a.elements.check_finite(a.op, x, [&k = a.k, &b = a.b, &op = a.op, &elements = a.elements, x, index = a.index] {
    const std::string& message = op.str_attr("message");
    const std::string check =
        message.empty() ? runtime::kNotFinite : fmt::format("{}: {}", runtime::kNotFinite, message);
    const ElementArgs late{k, b, op, std::span(&x, 1), index, elements};
    late.fault(b.bit_not(is_finite(late)), b.bitcast(b.convert(x, kFloat64), kInt64), check.c_str());
  });
  return x;
}

#define DLC_MATH1(name) [](Args a) { return math::name(a.b, a.x[0], options(a)); }
#define DLC_MATH2(name) [](Args a) { return math::name(a.b, a.x[0], a.x[1], options(a)); }
#define DLC_UNARY(name) [](Args a) { return a.b.name(a.x[0]); }
#define DLC_BINARY(name) [](Args a) { return a.b.name(a.x[0], a.x[1]); }

struct Row {
  ElementFn fn;
  double cost_ns;  // per element, four at a time
};

const std::unordered_map<OpKind, Row>& table() {
  static const std::unordered_map<OpKind, Row> rows = {
      {OpKind::kNeg, {neg, 0.05}},
      {OpKind::kAbs, {abs, 0.05}},
      {OpKind::kSign, {sign, 0.1}},
      {OpKind::kExp, {DLC_MATH1(exp), 0.4}},
      {OpKind::kExpm1, {DLC_MATH1(expm1), 0.6}},
      {OpKind::kLog, {DLC_MATH1(log), 0.5}},
      {OpKind::kLog1p, {DLC_MATH1(log1p), 0.6}},
      {OpKind::kSqrt, {DLC_UNARY(sqrt), 0.3}},
      {OpKind::kRsqrt, {DLC_MATH1(rsqrt), 0.5}},
      {OpKind::kCbrt, {DLC_MATH1(cbrt), 1.0}},
      {OpKind::kSin, {DLC_MATH1(sin), 1.0}},
      {OpKind::kCos, {DLC_MATH1(cos), 1.0}},
      {OpKind::kTan, {DLC_MATH1(tan), 1.5}},
      {OpKind::kAsin, {DLC_MATH1(asin), 0.8}},
      {OpKind::kAcos, {DLC_MATH1(acos), 0.8}},
      {OpKind::kAtan, {DLC_MATH1(atan), 0.8}},
      {OpKind::kSinh, {DLC_MATH1(sinh), 1.0}},
      {OpKind::kCosh, {DLC_MATH1(cosh), 1.0}},
      {OpKind::kTanh, {DLC_MATH1(tanh), 0.6}},
      {OpKind::kAsinh, {DLC_MATH1(asinh), 1.2}},
      {OpKind::kAcosh, {DLC_MATH1(acosh), 1.2}},
      {OpKind::kAtanh, {DLC_MATH1(atanh), 1.0}},
      {OpKind::kErf, {DLC_MATH1(erf), 1.0}},
      {OpKind::kErfc, {DLC_MATH1(erfc), 1.5}},
      {OpKind::kErfinv, {DLC_MATH1(erfinv), 1.5}},
      {OpKind::kFloor, {DLC_UNARY(floor), 0.05}},
      {OpKind::kCeil, {DLC_UNARY(ceil), 0.05}},
      {OpKind::kRoundEven, {DLC_UNARY(round_even), 0.05}},
      {OpKind::kTrunc, {DLC_UNARY(trunc), 0.05}},
      {OpKind::kIsFinite, {is_finite, 0.05}},
      {OpKind::kIsNan, {is_nan, 0.05}},
      {OpKind::kNot, {DLC_UNARY(bit_not), 0.05}},
      {OpKind::kAdd, {DLC_BINARY(add), 0.05}},
      {OpKind::kSub, {DLC_BINARY(sub), 0.05}},
      {OpKind::kMul, {DLC_BINARY(mul), 0.05}},
      {OpKind::kDiv, {div, 0.3}},
      {OpKind::kRem, {rem, 1.0}},
      {OpKind::kPow, {DLC_MATH2(pow), 1.5}},
      {OpKind::kAtan2, {DLC_MATH2(atan2), 1.0}},
      {OpKind::kMax, {DLC_BINARY(max), 0.1}},
      {OpKind::kMin, {DLC_BINARY(min), 0.1}},
      {OpKind::kAnd, {DLC_BINARY(bit_and), 0.05}},
      {OpKind::kOr, {DLC_BINARY(bit_or), 0.05}},
      {OpKind::kXor, {DLC_BINARY(bit_xor), 0.05}},
      {OpKind::kShiftLeft, {[](Args a) { return shift(a, true); }, 0.1}},
      {OpKind::kShiftRight, {[](Args a) { return shift(a, false); }, 0.1}},
      {OpKind::kCompare, {compare, 0.05}},
      {OpKind::kSelect, {[](Args a) { return a.b.select(a.x[0], a.x[1], a.x[2]); }, 0.05}},
      {OpKind::kClamp, {clamp, 0.1}},
      {OpKind::kFma, {[](Args a) { return a.b.fma(a.x[0], a.x[1], a.x[2]); }, 0.05}},
      {OpKind::kConvert, {[](Args a) { return a.b.convert(a.x[0], a.dtype()); }, 0.05}},
      {OpKind::kBitcast, {[](Args a) { return a.b.bitcast(a.x[0], a.dtype()); }, 0.0}},
      {OpKind::kCheckNumerics, {check_numerics, 0.05}},
  };
  return rows;
}

}  // namespace

void ElementArgs::fault(Value condition, Value value, const char* check) const {
  elements.fault(op, check, condition, elements.position(op.type().dims, index), value, index);
}

ElementFn find_element_fn(OpKind kind) {
  const auto it = table().find(kind);
  return it == table().end() ? nullptr : it->second.fn;
}

double element_cost_ns(OpKind kind) {
  const auto it = table().find(kind);
  return it == table().end() ? 0.1 : it->second.cost_ns;
}

}  // namespace dlc::backend
