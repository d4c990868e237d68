// rsqrt(x) = 1 / sqrt(x), both operations correctly rounded.
//
// Domain: x >= 0. rsqrt(+-0) = +-inf, rsqrt(+inf) = 0, NaN below zero. Error: 1.5 ULP.
#include "backend/loops/math/expr.h"

namespace dlc::backend::loops::math {

Value rsqrt(LoopBuilder& b, Value x, MathOptions options) { return (1.0 / sqrt(Expr(b, options, x))).value(); }

}  // namespace dlc::backend::loops::math
