// What erf, erfc and erfinv share: their derivatives are bell curves.
#pragma once

#include <numbers>

#include "ir/ops/elementwise.h"

namespace dlc::ir {

inline constexpr double kTwoOverSqrtPi = 2.0 * std::numbers::inv_sqrtpi;

/// dy * factor * exp(sign * x^2).
inline Value gaussian(GradContext& g, double factor, Value x, double sign) {
  const Value squared = square(g.b, x);
  return g.b.mul(g.b.mul(g.result_grad(), factor), g.b.exp(sign < 0 ? g.b.neg(squared) : squared));
}

}  // namespace dlc::ir
