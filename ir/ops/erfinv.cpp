#include <limits>
#include <numbers>

#include "ir/ops/error_function.h"

namespace dlc::ir {
namespace {

/// Inverse of erf by Newton's method (with Halley's correction) on erf, and near |x| = 1, where
/// erf is flat, on erfc. Cubic convergence from an approximation good to two digits: S. Winitzki,
/// "A handy approximation for the error function and its inverse" (2008).
template <typename W>
W inverse_erf(W x) {
  if (x != x || x > 1 || x < -1) return std::numeric_limits<W>::quiet_NaN();
  if (x == 1 || x == -1) return x * std::numeric_limits<W>::infinity();
  if (x == 0) return x;
  constexpr W kPi = std::numbers::pi_v<W>, kA = static_cast<W>(0.147);
  const W magnitude = std::fabs(x), complement = 1 - magnitude;
  const W log_term = std::log(complement) + std::log1p(magnitude);
  const W half = 2 / (kPi * kA) + log_term / 2;
  W y = std::sqrt(std::sqrt(half * half - log_term / kA) - half);
  for (int i = 0; i < 4; ++i) {
    const W error = magnitude < W{0.5} ? std::erf(y) - magnitude : complement - std::erfc(y);
    const W newton = error / (static_cast<W>(kTwoOverSqrtPi) * std::exp(-y * y));
    y -= newton / (1 + y * newton);
  }
  return std::copysign(y, x);
}

}  // namespace

OpDef erfinv_op() {
  return {
      .doc = "Inverse of erf: infinite at -1 and 1, NaN outside.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {gaussian(g, 1 / kTwoOverSqrtPi, g.result(), 1)}; },
      .reference = map_math<[](auto x) { return inverse_erf(x); }>,
  };
}

}  // namespace dlc::ir
