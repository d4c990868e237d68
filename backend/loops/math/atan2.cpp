// atan2(y, x): the angle of the point (x, y) in [-pi, pi], from atan(low / high) of the smaller
// and the larger of |x| and |y| (atan.cpp), mirrored into its octant. f32 through f64.
//
// Special values as in C: the sign is that of y; atan2(+-0, x < 0 or -0) = +-pi, atan2(+-0, +0) =
// +-0, infinities count as directions. Error: 1 ULP in f32, 3 ULP in f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {
namespace {

Expr atan2_f64(Expr y, Expr x) {
  const Expr ax = abs(x), ay = abs(y), zero = x.like(0), one = x.like(1);
  const Expr steep = ay > ax;
  Expr low = select(steep, ax, ay), high = select(steep, ay, ax);
  const Expr infinite = high == x.infinity();
  low = select(infinite, select(low == x.infinity(), one, zero), low);
  high = select(infinite, one, high);
  // Their sum must not overflow, and 0/0 is the angle 0.
  const Expr scale = select(high > 0x1p1000, x.like(0.25), one);
  Expr t = atan_ratio(low * scale, select(high == 0.0, one, high * scale));
  t = select(steep, 1.5707963267948966 - (t - 6.123233995736766e-17), t);
  const Expr backward = x.bits() < x.bits().like_int(0);
  t = select(backward, 3.1415926535897931 - (t - 1.2246467991473532e-16), t);
  return select((x != x) | (y != y), x + y, copysign(t, y));
}

}  // namespace

Value atan2(LoopBuilder& b, Value y, Value x, MathOptions options) {
  const Expr ordinate(b, options, y), abscissa(b, options, x);
  return atan2_f64(ordinate.to(kFloat64), abscissa.to(kFloat64)).to(b.type(x).elem).value();
}

}  // namespace dlc::backend::loops::math
