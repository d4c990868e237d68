// atan(x) = t or pi/2 - t, t = atan(low / high) with low and high from |x| and 1, low <= high.
// Above tan(pi/8): t = pi/4 + atan((low - high) / (low + high)). The rest is at most tan(pi/8) in
// size: u + u^3 P(u^2), P fitted to (atan(u)/u - 1)/u^2. f32 through f64.
//
// Domain: all; odd. atan(+-inf) = +-pi/2. Error: 1 ULP in f32, 2 ULP in f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {

Expr atan_ratio(Expr low, Expr high) {
  const Expr upper = low > high * 0.41421356237309503;
  const Expr u = select(upper, low - high, low) / select(upper, low + high, high);
  const Expr z = u * u;
  const Expr p =
      polynomial(z, {-0.3333333333333333, 0.199999999999998, -0.14285714285659326, 0.11111111105106705,
                     -0.09090908751076636, 0.0769229630497447, -0.06666423628069258, 0.058789145444006215,
                     -0.052303478730160745, 0.04551108126325172, -0.034558092551413795, 0.01627194475162406});
  const Expr zero = u.like(0);
  const Expr base_low = select(upper, u.like(3.061616997868383e-17), zero);
  const Expr base = select(upper, u.like(0.78539816339744828), zero);
  return base + (u + fma(z * u, p, base_low));
}

Value atan(LoopBuilder& b, Value operand, MathOptions options) {
  return through_f64(b, operand, options, [](Expr x) {
    const Expr size = abs(x), one = x.like(1);
    const Expr steep = size > 1.0;
    const Expr t = atan_ratio(select(steep, one, size), select(steep, size, one));
    // inf: (1 - inf) / (1 + inf) is not taken, 1 / inf is 0.
    return copysign(select(steep, 1.5707963267948966 - (t - 6.123233995736766e-17), t), x);
  });
}

}  // namespace dlc::backend::loops::math
