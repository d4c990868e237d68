// Conversion of one element to another type, by the rules of SEMANTICS.
#pragma once

#include <limits>
#include <type_traits>

namespace dlc {

/// float to integer saturates, NaN gives 0; anything to bool is `!= 0`; integers wrap.
template <typename To, typename From>
To convert_element(From x) {
  if constexpr (std::is_same_v<To, bool>) {
    return x != From{};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    if (x != x) return To{0};
    // 2^digits is exact in every floating type; the largest integer may not be.
    const From limit = static_cast<From>(2.0) * static_cast<From>(To{1} << (std::numeric_limits<To>::digits - 1));
    if (x >= limit) return std::numeric_limits<To>::max();
    if (x <= static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
    return static_cast<To>(x);
  } else {
    return static_cast<To>(x);
  }
}

}  // namespace dlc
