// exp2(x) = 2^n 2^r with n = round(x); 2^r = 1 + r q(r), q fitted to (2^r - 1) / r on
// [-0.501, 0.501].
//
// Domain: all. NaN -> NaN, +inf -> +inf, -inf -> 0; x >= 128 (1024) gives +inf; x < -126 (-1022)
// gives 0. Integers give exact powers. Error: 1.25 ULP in f32 and f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {

Value exp2(LoopBuilder& b, Value operand, MathOptions options) {
  const Expr x(b, options, operand);
  const FloatFormat f = format_of(x);
  const Rounded n = round_product(x, 1.0);
  const Expr r = x - n.n;
  const Expr q = x.is_f32() ? polynomial(r, {0.6931471824645996, 0.24022650718688965, 0.055503565818071365,
                                             0.009618082083761692, 0.001339109381660819, 0.0001545336126582697})
                            : polynomial(r, {0.6931471805599453, 0.24022650695910072, 0.055504108664821625,
                                             0.00961812910762848, 0.0013333558146406117, 0.00015403530393370558,
                                             1.5252733842009231e-05, 1.3215486808929518e-06, 1.0178056855501161e-07,
                                             7.054897189206508e-09, 4.455859112330208e-10, 2.572952812566595e-11});
  const Expr y = (fma(q, r, 1.0).bits() + (n.sum.bits() << f.mantissa_bits)).as_float();
  const Expr not_too_small = select(x < double(1 - f.bias), x.like(0), y);
  return select(x < double(f.bias + 1), not_too_small, x * x.infinity()).value();
}

}  // namespace dlc::backend::loops::math
