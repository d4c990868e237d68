// cos(x) = sin(x + pi/2): see sin.cpp.
//
// Domain: all finite x, however large; NaN for infinities and NaN. Error: 2 ULP in f32, 1 in f64.
#include "backend/loops/math/trig_reduce.h"

namespace dlc::backend::loops::math {

Value cos(LoopBuilder& b, Value x, MathOptions options) { return sin_or_cos(b, x, options, 1); }

}  // namespace dlc::backend::loops::math
