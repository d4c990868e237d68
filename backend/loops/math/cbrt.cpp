// cbrt(x) = 2^q cbrt(m), |x| = 2^(3q) m, m in [1, 8). A polynomial of degree 5 starts within 2 %;
// two steps of Halley's iteration, each of which cubes the error. f32 through f64.
//
// Domain: all; odd. cbrt of +-0, infinities and NaN is the operand. Error: 1 ULP in f32, 2 in f64.
#include "backend/loops/math/parts.h"

namespace dlc::backend::loops::math {
namespace {

/// y cubed closer to m: y - y (y^3 - m) / (2 y^3 + m).
Expr halley(Expr y, Expr m) {
  const Expr cube = y * y * y;
  return y - y * ((cube - m) / (cube + cube + m));
}

}  // namespace

Value cbrt(LoopBuilder& b, Value operand, MathOptions options) {
  return through_f64(b, operand, options, [](Expr x) {
    const Expr bits = abs(x).bits();
    const Expr exponent = (bits >> 52) - bits.like_int(1023);
    // round((e - 1) / 3) = floor(e / 3)
    const Rounded q = round_product(exponent.to(kFloat64) - 1.0, 1.0 / 3.0);
    const Expr q_bits = q.sum.bits() << 52;
    const Expr m = (bits - (q_bits + q_bits + q_bits)).as_float();
    Expr y = polynomial(m, {0.6084349186865862, 0.48881233581505845, -0.11212010655657866, 0.018251656689589422,
                            -0.001596887337316374, 5.655254894221102e-05});
    y = halley(halley(y, m), m);
    const Expr scaled = copysign((y.bits() + q_bits).as_float(), x);
    const Expr size = abs(x);
    return select((size > 0.0) & (size < x.infinity()), scaled, x);
  });
}

}  // namespace dlc::backend::loops::math
