// expm1(x) = 2^n expm1(r) + (2^n - 1), x = n ln2 + r (exp.cpp): no cancellation, as 2^n - 1 is
// exact for the n of results that are not yet huge. Computed at half scale, so that 2^n fits
// wherever the result does.
//
// Domain: all. expm1(+-0) = +-0, NaN -> NaN, +inf -> +inf, -inf -> -1. Error: 2 ULP.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {

Value expm1(LoopBuilder& b, Value operand, MathOptions options) {
  const Expr x(b, options, operand);
  const double highest = x.is_f32() ? 88.72283172607421875 : 709.78271289338397;
  const double lowest = x.is_f32() ? -18.0 : -38.0;  // from here on the result rounds to -1
  const ExpParts p = exp_parts(x);
  const Expr half_scale = pow2(p.n, -1);
  const Expr half = fma(half_scale, p.expm1_r, half_scale - 0.5);
  const Expr y = select(x < lowest, x.like(-1), half + half);
  // Near zero it is x to the last bit; half of that might be subnormal, and the sign of a zero be lost.
  const double tiny = x.is_f32() ? 0x1p-30 : 0x1p-60;
  return select(abs(x) < tiny, x, select(x <= highest, y, x * x.infinity())).value();
}

}  // namespace dlc::backend::loops::math
