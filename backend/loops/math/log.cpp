// log(x) = e ln2 + log(1 + f), x = 2^e (1 + f), 1 + f in [sqrt(1/2), sqrt(2)).
// f32: log(1 + f) = f - f^2/2 + f^3 P(f), P fitted to the remainder on that interval.
// f64: with s = f / (2 + f), log(1 + f) = 2 atanh(s) = f - (h - s (h + R)), h = f^2/2 and
// R = s^2 R'(s^2), the identity of fdlibm (Sun Microsystems, 1993), with R' fitted to
// (2 atanh(s) - 2 s) / s^3.
//
// Domain: x >= 0. log(0) = -inf (subnormals count as 0), log(x < 0) = NaN, log(+inf) = +inf,
// log(1) = 0 exactly. Error: 1 ULP in f32 and f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {

LogParts log_parts(Expr x) {
  const FloatFormat f = format_of(x);
  const Expr bits = x.bits();
  // Subtracting the bits of sqrt(1/2) makes the exponent field step where the interval ends.
  const int64_t root = x.is_f32() ? 0x3f3504f3 : 0x3fe6a09e667f3bcd;
  const Expr e = (bits - bits.like_int(root)) >> f.mantissa_bits;
  const Expr one_plus_f = (bits - (e << f.mantissa_bits)).as_float();
  return {e.to(x.type().elem), one_plus_f - 1.0};
}

Expr log_rest(Expr f) {
  const Expr half_square = f * f * 0.5;
  if (f.is_f32()) {
    const Expr p = polynomial(
        f, {0.3333333134651184, -0.2499999701976776, 0.20000715553760529, -0.1666780263185501, 0.14249058067798615,
            -0.12425687164068222, 0.11685419827699661, -0.11479733884334564, 0.06971611827611923});
    return fma(f * f * f, p, -half_square);
  }
  const Expr s = f / (f + 2.0);
  const Expr z = s * s;
  const Expr r =
      z * polynomial(z, {0.6666666666666666, 0.40000000000000885, 0.28571428570799784, 0.22222222392581045,
                         0.18181795547521137, 0.15386244737621665, 0.13268638369266825, 0.13088034850927555});
  return fma(s, half_square + r, -half_square);
}

Expr log_special_values(Expr x, Expr result) {
  const Expr positive = select(x < 0.0, x.nan(), select(x == 0.0, -x.infinity(), result));
  return select(x < x.infinity(), positive, x);
}

Value log(LoopBuilder& b, Value operand, MathOptions options) {
  const Expr x(b, options, operand);
  const LogParts p = log_parts(x);
  // ln2 = hi + lo, hi short enough for e * hi to be exact.
  const double hi = x.is_f32() ? 0.693359375 : 6.93147180369123816490e-01;
  const double lo = x.is_f32() ? -2.12194440e-4 : 1.90821492927058770002e-10;
  const Expr small = fma(p.e, lo, log_rest(p.f));
  const Expr y = fma(p.e, hi, p.f + small);
  return log_special_values(x, y).value();
}

}  // namespace dlc::backend::loops::math
