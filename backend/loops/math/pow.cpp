// pow(x, y) = exp(y log|x|), signed. In f64 the logarithm and the product are carried as sums of
// two doubles, as the absolute error of y log|x| is the relative one of the result:
//   log|x| = e ln2 + 2s + s^3 R(s^2),  s = f / (2 + f)   (log.cpp),
// with s, s^3 and the leading term of R as such sums. f32 through f64, with a plain logarithm.
//
// Special values as in C: pow(x, 0) = pow(1, y) = 1 even for NaN; pow(+-0, y) is +-0 or +-inf by
// the sign of y, signed for odd y; pow(x < 0, y) is NaN unless y is an integer; pow(-1, +-inf) = 1.
// Results below the smallest normal number are 0. Error: 1 ULP in f32, 2 ULP in f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {
namespace {

constexpr double kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;

/// log of a positive normal x as hi + lo, to about 2^-64.
TwoFloats log_as_sum(Expr x) {
  const LogParts p = log_parts(x);
  const Expr f = p.f;
  const Expr d = f + 2.0;
  const Expr d_low = f - (d - 2.0);
  const Expr s = f / d;
  const TwoFloats sd = two_product(s, d);
  const Expr s_low = ((f - sd.hi) - sd.lo - s * d_low) / d;

  // s^3 as a sum.
  const TwoFloats square = two_product(s, s);
  const Expr square_low = fma(s * 2.0, s_low, square.lo);
  const TwoFloats cube = two_product(square.hi, s);
  const Expr cube_low = fma(square.hi, s_low, fma(square_low, s, cube.lo));

  // R = 2/3 + tail; 2/3 = hi + lo.
  const Expr tail = square.hi * polynomial(square.hi, {0.40000000000000885, 0.28571428570799784, 0.22222222392581045,
                                                       0.18181795547521137, 0.15386244737621665, 0.13268638369266825,
                                                       0.13088034850927555});
  const TwoFloats r = fast_two_sum(x.like(0.66666666666666663), tail);
  const Expr r_low = r.lo + 3.7007434154171886e-17;
  const TwoFloats t = two_product(cube.hi, r.hi);
  const Expr t_low = fma(cube.hi, r_low, fma(cube_low, r.hi, t.lo));

  const TwoFloats a = fast_two_sum(p.e * kLn2High, s * 2.0);
  const TwoFloats b = fast_two_sum(a.hi, t.hi);
  const Expr low = (a.lo + b.lo) + fma(p.e, kLn2Low, fma(s_low, 2.0, t_low));
  return fast_two_sum(b.hi, low);
}

/// exp(y log x) for positive normal x, f64; overflow and underflow included.
Expr pow_of_positive(Expr x, Expr y, bool precise) {
  // Beyond 2^65 every power but those of 1 is 0 or infinite; the products stay finite.
  const double limit = 3.6893488147419103e19;
  y = max(min(y, y.like(limit)), y.like(-limit));
  Expr high = y, low = y.like(0);
  if (precise) {
    const TwoFloats log_x = log_as_sum(x);
    const TwoFloats product = two_product(y, log_x.hi);
    high = product.hi;
    low = fma(y, log_x.lo, product.lo);
  } else {
    const LogParts p = log_parts(x);
    high = y * fma(p.e, kLn2High, p.f + fma(p.e, kLn2Low, log_rest(p.f)));
  }
  const Expr bounded = max(min(high, y.like(709.78271289338397)), y.like(-708.39641853226408));
  const Expr main = precise ? exp_in_range(bounded, low, 0) : exp_in_range(bounded);
  const Expr not_too_small = select(high < -708.39641853226408, y.like(0), main);
  return select(high > 709.78271289338397, y.infinity(), not_too_small);
}

Expr pow_f64(Expr x, Expr y, bool precise) {
  const Expr size = abs(x);
  const Expr is_integer = trunc(y) == y;
  const Expr half = y * 0.5;
  const Expr is_odd = is_integer & (trunc(half) != half);
  const Expr zero = x.like(0), infinity = x.infinity();

  Expr r = pow_of_positive(size, y, precise);
  r = select(size == 0.0, select(y > 0.0, zero, infinity), r);
  r = select(size == infinity, select(y > 0.0, infinity, zero), r);
  r = select(is_odd, copysign(r, x), r);
  const Expr negative = (x < 0.0) & (size < infinity);
  r = select(negative & (trunc(y) != y), x.nan(), r);
  const Expr sum = x + y;
  r = select((x != x) | (y != y), sum, r);
  return select((y == 0.0) | (x == 1.0), x.like(1), r);
}

}  // namespace

Value pow(LoopBuilder& b, Value x, Value y, MathOptions options) {
  const Expr base(b, options, x), exponent(b, options, y);
  if (!base.is_f32()) return pow_f64(base, exponent, /*precise=*/true).value();
  return pow_f64(base.to(kFloat64), exponent.to(kFloat64), /*precise=*/false).to(kFloat32).value();
}

}  // namespace dlc::backend::loops::math
