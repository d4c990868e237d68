// log10(x) = e log10(2) + log(1 + f) / ln10, e and f of log.cpp; both constants are split as in
// log2.cpp. f32 through f64.
//
// Domain and special values of log. Error: 1 ULP in f32, 2 ULP in f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {

Value log10(LoopBuilder& b, Value operand, MathOptions options) {
  return through_f64(b, operand, options, [](Expr x) {
    const LogParts p = log_parts(x);
    const TwoFloats f = split(p.f);
    const Expr rest = log_rest(p.f);
    // 1 / ln10 with 24 bits and the rest; log10(2) with 32 bits and the rest.
    const double hi = 0.4342944622039795, lo = 1.9699272335463627e-08;
    const double e_hi = 0.3010299955494702, e_lo = 1.1451100898021838e-10;
    const Expr low = fma(p.e, e_lo, fma(f.lo + rest, hi, (p.f + rest) * lo));
    const TwoFloats sum = two_sum(p.e * e_hi, f.hi * hi);
    return log_special_values(x, sum.hi + (sum.lo + low));
  });
}

}  // namespace dlc::backend::loops::math
