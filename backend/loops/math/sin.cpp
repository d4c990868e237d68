// sin(x) by quadrant: +-sin(r) or +-cos(r), x = quadrant * pi/2 + r (trig_reduce.cpp), with odd
// and even polynomials fitted to (sin(r)/r - 1)/r^2 and (cos(r) - 1 + r^2/2)/r^4.
//
// Domain: all finite x, however large. sin(+-0) = +-0; NaN for infinities and NaN.
// Error: 2 ULP in f32, 1 ULP in f64.
#include "backend/loops/math/trig_reduce.h"

namespace dlc::backend::loops::math {

Value sin(LoopBuilder& b, Value x, MathOptions options) {
  const Value y = sin_or_cos(b, x, options, 0);
  // Zeros keep their sign, which the additions of the reduction lose.
  return b.select(b.eq(x, b.constant(b.type(x), 0)), x, y);
}

}  // namespace dlc::backend::loops::math
