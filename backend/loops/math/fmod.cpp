// fmod: the remainder of x / y with the sign of x, exact.
//
// Method: the divisor, scaled by a power of two, is subtracted from the dividend where it fits, then
// halved, down to the divisor itself. Each subtraction is exact (Sterbenz), so the result is. The
// loop runs once per bit of the quotient's exponent, for all lanes together.
// Special values: x inf, y 0 or a NaN give NaN; y inf gives x; a zero result has the sign of x.
#include <algorithm>
#include <limits>

#include "backend/loops/math/math.h"

namespace dlc::backend::loops::math {

Value fmod(LoopBuilder& b, Value x, Value y, MathOptions) {
  const Type type{b.type(x).elem, std::max(b.type(x).lanes, b.type(y).lanes)};
  const auto full = [&](Value v) { return type.lanes > 1 && !b.type(v).is_vector() ? b.broadcast(v, type.lanes) : v; };
  const auto number = [&](double v) { return b.constant(type, v); };
  const Value a = b.abs(full(x)), d = b.abs(full(y));
  const Value infinity = number(std::numeric_limits<double>::infinity());
  const Value bad = b.bit_or(b.bit_or(b.ne(a, a), b.ne(d, d)), b.bit_or(b.eq(a, infinity), b.eq(d, number(0))));
  // Lanes that are bad or done run along with 0 and 1.
  const Value zero = number(0), half = number(0.5), two = number(2);
  const Value rest = b.select(bad, zero, a), divisor = b.select(b.bit_or(bad, b.eq(d, infinity)), infinity, d);
  const auto any = [&](Value condition) { return b.reduce(OpCode::kReduceOr, condition); };
  // Up: the largest divisor * 2^k that is no larger than the dividend.
  const LoopBuilder::Values up = b.while_loop(
      {divisor}, [&](const LoopBuilder::Values& s) { return any(b.le(b.mul(s[0], two), rest)); },
      [&](const LoopBuilder::Values& s) {
        return LoopBuilder::Values{b.select(b.le(b.mul(s[0], two), rest), b.mul(s[0], two), s[0])};
      });
  // Down: subtract and halve until the divisor itself was tried.
  const LoopBuilder::Values down = b.while_loop(
      {rest, up[0]}, [&](const LoopBuilder::Values& s) { return any(b.ge(s[1], divisor)); },
      [&](const LoopBuilder::Values& s) {
        const Value active = b.ge(s[1], divisor);
        const Value fits = b.bit_and(active, b.ge(s[0], s[1]));
        // An infinite divisor stays infinite when halved: it is done after one look.
        const Value next = b.select(active, b.select(b.eq(s[1], infinity), zero, b.mul(s[1], half)), s[1]);
        return LoopBuilder::Values{b.select(fits, b.sub(s[0], s[1]), s[0]), next};
      });
  const Value nan = number(std::numeric_limits<double>::quiet_NaN());
  return b.select(bad, nan, b.copysign(down[0], full(x)));
}

}  // namespace dlc::backend::loops::math
