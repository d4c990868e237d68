// log2(x) = e + log(1 + f) / ln2 with e and f of log.cpp; 1/ln2 is split so that the larger part
// of the product with the leading bits of f is exact.
//
// Domain and special values of log; powers of two are exact. Error: 2 ULP in f32 and f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {

Value log2(LoopBuilder& b, Value operand, MathOptions options) {
  const Expr x(b, options, operand);
  const LogParts p = log_parts(x);
  const TwoFloats f = split(p.f);
  const Expr rest = log_rest(p.f);
  const double hi = x.is_f32() ? 1.4423828125 : 1.4426950216293335;
  const double lo = x.is_f32() ? 0.00031222838896340733 : 1.9259629911266175e-08;
  // (f.hi + f.lo + rest) * (hi + lo), small terms first; f.hi * hi is exact.
  const Expr low = fma(f.lo + rest, hi, (p.f + rest) * lo);
  const TwoFloats sum = fast_two_sum(p.e, f.hi * hi);
  return log_special_values(x, sum.hi + (sum.lo + low)).value();
}

}  // namespace dlc::backend::loops::math
