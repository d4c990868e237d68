// tan(x) = sin(r) / cos(r) in even quadrants, -cos(r) / sin(r) in odd ones (trig_reduce.cpp).
// f32 through f64.
//
// Domain: all finite x, however large. tan(+-0) = +-0; NaN for infinities and NaN.
// Error: 1 ULP in f32, 3 ULP in f64.
#include "backend/loops/math/trig_reduce.h"

namespace dlc::backend::loops::math {

Value tan(LoopBuilder& b, Value operand, MathOptions options) {
  return through_f64(b, operand, options, [](Expr x) {
    const Reduced p = reduce_trig(x);
    const Expr s = sin_reduced(p), c = cos_reduced(p);
    const Expr odd = (p.quadrant & p.quadrant.like_int(1)) != p.quadrant.like_int(0);
    const Expr y = select(odd, -c, s) / select(odd, s, c);
    return select(x == 0.0, x, y);
  });
}

}  // namespace dlc::backend::loops::math
