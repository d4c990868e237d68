// erf(x) = x + x P(x^2) near 0, P fitted to erf(x)/x - 1 on [0, 1]; else 1 - erfc(|x|).
// f32: erfc(x) = exp(L(x)), L fitted to log erfc on [0.98, 3.95]; from there on 1.
// f64: erfc(x) = exp(-x^2) g(t) / (x + 4), t = (x - 4) / (x + 4), g fitted to
// exp(x^2) erfc(x) (x + 4) on [0.5, 28] (the substitution of Shepherd and Laframboise, Chebyshev
// approximation of (1 + 2x) exp(x^2) erfc x, 1981). The square is carried as a sum of two. Below 0.8, where it loses
// less, erfc is 1 - erf.
//
// Domain: all; erf is odd, erf(+-0) = +-0, erf(+-inf) = +-1, erfc(-inf) = 2, erfc(+inf) = 0.
// erfc in f32 through f64. Error: erf 2 ULP in f32 and f64; erfc 1 ULP in f32, 6 ULP in f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {
namespace {

/// erf for |x| <= 1, f64.
Expr erf_inner(Expr x) {
  const Expr p = polynomial(x * x, {0.1283791670955126, -0.3761263890318375, 0.11283791670954879, -0.026866170645076792,
                                    0.0052239776248180145, -0.000854832698083379, 0.0001205533111164271,
                                    -1.4925595266831182e-05, 1.6461000484121368e-06, -1.6350312701054695e-07,
                                    1.4659775274047436e-08, -1.1372848856791674e-09, 5.957176147748911e-11});
  return fma(x, p, x);
}

/// erfc for x >= 0.5, f64.
Expr erfc_outer(Expr x) {
  const Expr bounded = min(x, x.like(28));  // exp stays in range; NaN passes
  const Expr g = bounded.with(erfc_scaled(bounded).value());
  const TwoFloats square = two_product(bounded, bounded);
  const Expr y = exp_in_range(-square.hi, -square.lo, 0) * g;
  return select(x > 26.6, x.like(0), y);
}

}  // namespace

Expr erfc_scaled(Expr x) {
  const Expr t = (x - 4.0) / (x + 4.0);
  const Expr g =
      polynomial(t, {1.095995661000491,       -0.976548729080882,      0.7732087022652372,      -0.5408538313132363,
                     0.33085158787800617,     -0.17401093723987895,    0.07638151490953679,     -0.026370053341424376,
                     0.0061120556517616905,   -0.00028095885385799043, -0.00045505264736072124, 0.00017681274568293618,
                     -3.6353767776256934e-06, -1.886060285898313e-05,  4.695152407251127e-06,   1.423490384661521e-06,
                     -8.479295657082079e-07,  -7.444243984798025e-08,  1.2672358599238218e-07,  -9.428223309924634e-11,
                     -1.765608635291252e-08,  5.084159213088681e-10,   1.8059453908156027e-09});
  return g / (x + 4.0);
}

Value erf(LoopBuilder& b, Value operand, MathOptions options) {
  const Expr x(b, options, operand);
  const Expr size = abs(x);
  if (!x.is_f32()) {
    const Expr outer = 1.0 - erfc_outer(size);
    return select(size <= 1.0, erf_inner(x), copysign(outer, x)).value();
  }
  const Expr inner = fma(
      x,
      polynomial(x * x, {0.12837916612625122, -0.37612637877464294, 0.11283782124519348, -0.026865430176258087,
                         0.005221031606197357, -0.0008484080317430198, 0.00011265958892181516, -9.667044650996104e-06}),
      x);
  const Expr bounded = min(size, x.like(3.95));
  const Expr exponent = polynomial(bounded, {0.00032967745210044086, -1.1302740573883057, -0.6317532658576965,
                                             -0.1101519837975502, 0.026463977992534637, -0.004775390960276127,
                                             0.0006003313465043902, -4.649460970540531e-05, 1.660158659433364e-06});
  const Expr outer = copysign(1.0 - exp_in_range(exponent), x);
  // A NaN takes the inner way: scaling by 2^n makes numbers of some.
  return select(size > 1.0, outer, inner).value();
}

Value erfc(LoopBuilder& b, Value operand, MathOptions options) {
  return through_f64(b, operand, options, [](Expr x) {
    const Expr size = abs(x);
    const Expr outer = erfc_outer(size);
    const Expr signed_outer = select(x < 0.0, 2.0 - outer, outer);
    return select(size < 0.8, 1.0 - erf_inner(x), signed_outer);
  });
}

}  // namespace dlc::backend::loops::math
