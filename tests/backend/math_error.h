// The error of a result in units in the last place (ULP) of what it should be.
#pragma once

#include <cmath>
#include <limits>

#include "tests/backend/math_cases.h"

namespace dlc::backend::loops {

template <typename T>
Wide ulp_of(Wide x) {
  constexpr int digits = std::numeric_limits<T>::digits;
  const int exponent = std::max(std::ilogb(x), std::numeric_limits<T>::min_exponent - 1);
  return std::ldexp(Wide{1}, exponent - digits + 1);
}

/// The error in ULP; infinite when kind (NaN, infinity) or sign is wrong. Subnormals are flushed,
/// those within a computation too: results that small may be wrong by the smallest normal number.
template <typename T>
double error_in_ulp(T got, Wide expected, double budget) {
  constexpr Wide max = std::numeric_limits<T>::max(), min = std::numeric_limits<T>::min();
  constexpr double wrong = std::numeric_limits<double>::infinity();
  if (std::isnan(expected)) return std::isnan(got) ? 0 : wrong;
  if (std::isnan(got)) return wrong;
  const Wide size = std::fabs(expected), difference = std::fabs(static_cast<Wide>(got) - expected);
  if (size < min / std::numeric_limits<T>::epsilon() && difference <= min) return 0;
  if (std::signbit(got) != std::signbit(expected)) return wrong;
  if (size > max) return std::isinf(got) || (size < max + 2 * ulp_of<T>(max) && std::fabs(got) == max) ? 0 : wrong;
  if (std::isinf(got)) return size > max - static_cast<Wide>(budget) * ulp_of<T>(max) ? 1 : wrong;
  return static_cast<double>(difference / ulp_of<T>(expected));
}

/// What a running program sees of a number: zero for a subnormal one.
template <typename T>
T flushed(T x) {
  return std::fabs(x) < std::numeric_limits<T>::min() ? std::copysign(T{0}, x) : x;
}

}  // namespace dlc::backend::loops
