// sinh(x) = h - 1/(4h) and cosh(x) = h + 1/(4h) with h = exp(|x|) / 2, computed at half scale so
// that it overflows where the result does; for |x| <= 1, sinh(x) = x + x^3 P(x^2), P fitted to
// (sinh(x)/x - 1)/x^2. f32 through f64.
//
// Domain: all; overflow gives infinities. sinh(+-0) = +-0, cosh(0) = 1. Error: 1 ULP in f32,
// 2 ULP in f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {
namespace {

constexpr double kHighest = 710.4758600739439;  // log(2 * the largest double)

}  // namespace

Value sinh(LoopBuilder& b, Value operand, MathOptions options) {
  return through_f64(b, operand, options, [](Expr x) {
    const Expr size = abs(x), z = x * x;
    const Expr inner = fma(
        z * x,
        polynomial(z, {0.16666666666666666, 0.008333333333333333, 0.00019841269841269773, 2.755731922404034e-06,
                       2.505210836405804e-08, 1.6059048396350562e-10, 7.646625361656657e-13, 2.8445264169895285e-15}),
        x);
    const Expr h = exp_in_range(size, -1);
    const Expr outer = select(size <= kHighest, h - 0.25 / h, size * x.infinity());
    return select(size <= 1.0, inner, copysign(outer, x));
  });
}

Value cosh(LoopBuilder& b, Value operand, MathOptions options) {
  return through_f64(b, operand, options, [](Expr x) {
    const Expr size = abs(x);
    const Expr h = exp_in_range(size, -1);
    return select(size <= kHighest, h + 0.25 / h, size * x.infinity());
  });
}

}  // namespace dlc::backend::loops::math
