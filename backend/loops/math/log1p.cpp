// log1p(x) = log(u) + c/u, where u = 1 + x as rounded and c = x - (u - 1) is what the rounding
// lost; e and f of u as in log.cpp.
//
// Domain: x >= -1. log1p(-1) = -inf, below NaN; log1p(+-0) = +-0; +inf -> +inf. Error: 2 ULP.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {

Value log1p(LoopBuilder& b, Value operand, MathOptions options) {
  const Expr x(b, options, operand);
  const Expr u = x + 1.0;
  const Expr lost = x - (u - 1.0);
  const LogParts p = log_parts(u);
  const double hi = x.is_f32() ? 0.693359375 : 6.93147180369123816490e-01;
  const double lo = x.is_f32() ? -2.12194440e-4 : 1.90821492927058770002e-10;
  const Expr correction = lost / u;
  const Expr small = fma(p.e, lo, log_rest(p.f) + correction);
  const Expr y = fma(p.e, hi, p.f + small);
  return copysign(log_special_values(u, y), x).value();
}

}  // namespace dlc::backend::loops::math
