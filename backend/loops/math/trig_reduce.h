// Reduction of the operand of sin, cos and tan to [-pi/4, pi/4]. For backend/loops/math only.
#pragma once

#include "backend/loops/math/expr.h"

namespace dlc::backend::loops::math {

/// x = quadrant * pi/2 + r + r_low, |r| <= pi/4 (a little more). f64 x; r_low is what rounding r
/// lost. `quadrant`: i64 lanes of which the two low bits count. NaN for infinities and NaN.
struct Reduced {
  Expr r, r_low, quadrant;
};
Reduced reduce_trig(Expr x);

/// sin and cos of r + r_low, f64.
Expr sin_reduced(const Reduced& p);
Expr cos_reduced(const Reduced& p);

/// sin (shift 0) or cos (shift 1) of an operand of either type.
Value sin_or_cos(LoopBuilder& b, Value operand, MathOptions options, int shift);

}  // namespace dlc::backend::loops::math
