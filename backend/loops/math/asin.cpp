// asin(x) = x + x^3 P(x^2) for |x| <= 1/2, P fitted to (asin(x)/x - 1)/x^2; above,
// pi/2 - 2 asin(sqrt((1 - |x|) / 2)). acos shares both. f32 through f64.
//
// Domain: [-1, 1]; NaN outside. asin(+-0) = +-0, acos(1) = 0. Error: 1 ULP in f32, 2.25 ULP in f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {
namespace {

struct AsinParts {
  Expr outer;    ///< |x| > 1/2
  Expr s, rest;  ///< asin(s) = s + rest, s = |x| or, where outer, sqrt((1 - |x|) / 2)
};

AsinParts asin_parts(Expr x) {
  const Expr size = abs(x);
  const Expr outer = size > 0.5;
  const Expr z = select(outer, 0.5 - size * 0.5, size * size);
  const Expr s = select(outer, sqrt(z), size);
  const Expr q = polynomial(
      z, {0.16666666666666669, 0.07499999999998433, 0.04464285714635543, 0.030381944138531247, 0.02237217294214989,
          0.017352392720869973, 0.013971212973552933, 0.011479177415184906, 0.01032281435018578, 0.005457506718640358,
          0.01740087944269402, -0.014851887071247204, 0.028757851367421566});
  return {outer, s, z * s * q};
}

constexpr double kHalfPi = 1.5707963267948966, kHalfPiLow = 6.123233995736766e-17;

}  // namespace

Value asin(LoopBuilder& b, Value operand, MathOptions options) {
  return through_f64(b, operand, options, [](Expr x) {
    const AsinParts a = asin_parts(x);
    // pi/2 - 2s is exact where the difference is small.
    const Expr outer = (kHalfPi - a.s * 2.0) - (a.rest * 2.0 - kHalfPiLow);
    return copysign(select(a.outer, outer, a.s + a.rest), x);
  });
}

Value acos(LoopBuilder& b, Value operand, MathOptions options) {
  return through_f64(b, operand, options, [](Expr x) {
    const AsinParts a = asin_parts(x);
    const Expr asin_s = a.s + a.rest;
    const Expr twice = asin_s * 2.0;
    const Expr far_side = 2 * kHalfPi - (twice - 2 * kHalfPiLow);
    const Expr outer = select(x < 0.0, far_side, twice);
    return select(a.outer, outer, kHalfPi - (copysign(asin_s, x) - kHalfPiLow));
  });
}

}  // namespace dlc::backend::loops::math
