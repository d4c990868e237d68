// exp(x) = 2^n exp(r), x = n ln2 + r, |r| <= ln2/2 (Cody and Waite, Software Manual for the
// Elementary Functions, 1980): ln2 is split so that n * hi is exact without fma, too.
// exp(r) = 1 + (r + r^2 q(r)), q fitted to (exp(r) - 1 - r) / r^2 on 1.01 * [-ln2/2, ln2/2].
//
// Domain: all. exp(NaN) = NaN, exp(+inf) = +inf, exp(-inf) = 0; overflow gives +inf; results below
// the smallest normal number are 0. Error: 1.25 ULP in f32 and f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {

ExpParts exp_parts(Expr x) {
  const Rounded n = round_product(x, 1.4426950408889634);  // 1 / ln2
  if (x.is_f32()) {
    const Expr r = fma(n.n, 2.12194440e-4, fma(n.n, -0.693359375, x));
    const Expr q =
        polynomial(r, {0.5, 0.16666573286056519, 0.04166655242443085, 0.008363776840269566, 0.0013926756801083684});
    return {n, r, fma(r * r, q, r)};
  }
  // hi has 32 bits: n * hi is exact for |n| < 2^20.
  const Expr r = fma(n.n, -1.90821492927058770002e-10, fma(n.n, -6.93147180369123816490e-01, x));
  const Expr q =
      polynomial(r, {0.5, 0.1666666666666667, 0.04166666666666667, 0.00833333333332554, 0.0013888888888883635,
                     0.0001984126987687477, 2.4801587326200822e-05, 2.755725282056574e-06, 2.7557272654828306e-07,
                     2.5106280018146533e-08, 2.0915136383410806e-09});
  return {n, r, fma(r * r, q, r)};
}

Expr exp_in_range(Expr x, int shift) {
  const ExpParts p = exp_parts(x);
  // Added to the exponent of exp(r) rather than multiplied: 2^n alone may be out of range.
  const FloatFormat f = format_of(x);
  Expr exponent = p.n.sum.bits();
  if (shift != 0) exponent = exponent + exponent.like_int(shift);
  return ((p.expm1_r + 1.0).bits() + (exponent << f.mantissa_bits)).as_float();
}

Expr exp_in_range(Expr x, Expr low, int shift) {
  const Expr main = exp_in_range(x, shift);
  return fma(main, low, main);
}

Value exp(LoopBuilder& b, Value operand, MathOptions options) {
  const Expr x(b, options, operand);
  const double highest = x.is_f32() ? 88.72283172607421875 : 709.78271289338397;
  const double lowest = x.is_f32() ? -87.33654022216796875 : -708.39641853226408;
  const Expr y = exp_in_range(x);
  const Expr not_too_small = select(x < lowest, x.like(0), y);
  // x * inf: +inf for overflow, NaN for NaN.
  return select(x <= highest, not_too_small, x * x.infinity()).value();
}

}  // namespace dlc::backend::loops::math
