// The inverse hyperbolic functions through log1p (log1p.cpp), in forms that do not cancel:
//   asinh(a) = log1p(a + a^2 / (1 + sqrt(1 + a^2))),  a = |x|
//   acosh(x) = log1p(t + sqrt(t (t + 2))),            t = x - 1
//   atanh(a) = log1p(2a / (1 - a)) / 2
// From 2^28 on asinh and acosh are log(a) + ln2. f32 through f64.
//
// Domain: asinh all, acosh [1, inf], atanh [-1, 1] (+-inf at its ends); NaN outside.
// Error: 1 ULP in f32, 3 ULP in f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {
namespace {

constexpr double kLarge = 0x1p28, kLn2 = 0.69314718055994529;

Expr log1p(Expr x) { return x.with(math::log1p(x.builder(), x.value(), x.options())); }
Expr log(Expr x) { return x.with(math::log(x.builder(), x.value(), x.options())); }

}  // namespace

Value asinh(LoopBuilder& b, Value operand, MathOptions options) {
  return through_f64(b, operand, options, [](Expr x) {
    const Expr a = abs(x), z = a * a;
    const Expr y = log1p(a + z / (sqrt(z + 1.0) + 1.0));
    return copysign(select(a < kLarge, y, log(a) + kLn2), x);
  });
}

Value acosh(LoopBuilder& b, Value operand, MathOptions options) {
  return through_f64(b, operand, options, [](Expr x) {
    const Expr t = x - 1.0;
    const Expr y = log1p(t + sqrt(t * (t + 2.0)));
    return select(x < 1.0, x.nan(), select(x < kLarge, y, log(x) + kLn2));
  });
}

Value atanh(LoopBuilder& b, Value operand, MathOptions options) {
  return through_f64(b, operand, options, [](Expr x) {
    const Expr a = abs(x);
    return copysign(log1p(a * 2.0 / (1.0 - a)) * 0.5, x);
  });
}

}  // namespace dlc::backend::loops::math
