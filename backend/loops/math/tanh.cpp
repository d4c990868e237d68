// tanh(x) = x + x^3 P(x^2) for |x| <= 0.625, P fitted to (tanh(x)/x - 1)/x^2; above,
// 1 - 2 / (E + 1) with E = exp(2|x|) (exp.cpp).
//
// Domain: all. tanh(+-0) = +-0, tanh(+-inf) = +-1, NaN -> NaN. Error: 1.5 ULP in f32 and f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {

Value tanh(LoopBuilder& b, Value operand, MathOptions options) {
  const Expr x(b, options, operand);
  const Expr size = abs(x), z = x * x;
  const Expr p =
      x.is_f32()
          ? polynomial(z, {-0.333333283662796, 0.1333271861076355, -0.053843263536691666, 0.020961329340934753,
                           -0.006045165006071329})
          : polynomial(z, {-0.3333333333333332, 0.1333333333332503, -0.053968253959920026, 0.021869488209066645,
                           -0.008863228923119462, 0.0035920498263923854, -0.0014552533620089917, 0.0005872264191418522,
                           -0.00023029727919427495, 7.899912363092801e-05, -1.6925719888061585e-05});
  const Expr inner = fma(z * x, p, x);
  // Beyond the bound the result rounds to 1. min keeps a NaN.
  const Expr twice = min(size + size, x.like(x.is_f32() ? 20.0 : 44.0));
  const Expr outer = 1.0 - 2.0 / (exp_in_range(twice) + 1.0);
  // The sign is that of x: the inner sum loses it for zeros. A NaN takes the inner way: scaling by 2^n makes
  // numbers of some.
  return copysign(select(size > 0.625, outer, inner), x).value();
}

}  // namespace dlc::backend::loops::math
