// How reduce, scan, scatter and dot_general combine elements in their reference meanings.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

namespace dlc::ir {

/// Sums and products of f32 are carried in f64 and rounded once at the end, so that the reference
/// is closer to the truth than any order of f32 additions; integers wrap in their own type.
template <typename T>
using Accumulator = std::conditional_t<std::is_same_v<T, float>, double, T>;

template <typename T>
T wrapping_add(T a, T b) {
  if constexpr (std::is_same_v<T, bool>) {
    return a || b;
  } else if constexpr (std::is_integral_v<T>) {
    using U = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<U>(static_cast<U>(a) + static_cast<U>(b)));
  } else {
    return a + b;
  }
}

template <typename T>
T wrapping_mul(T a, T b) {
  if constexpr (std::is_same_v<T, bool>) {
    return a && b;
  } else if constexpr (std::is_integral_v<T>) {
    // Through u64: the product of two u16 or u8 would be promoted to a signed int.
    return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  } else {
    return a * b;
  }
}

/// The larger; NaN when one is NaN; of equal values (zeros of either sign) b.
template <typename T>
T nan_max(T a, T b) {
  return a > b || a != a ? a : b;
}
template <typename T>
T nan_min(T a, T b) {
  return a < b || a != a ? a : b;
}

/// The kinds of reduce, scan and scatter.
enum class Combine : uint8_t { kSum, kProd, kMax, kMin, kAny, kAll };
inline bool parse_combine(const std::string& name, Combine& kind) {
  if (name == "sum") return kind = Combine::kSum, true;
  if (name == "prod") return kind = Combine::kProd, true;
  if (name == "max") return kind = Combine::kMax, true;
  if (name == "min") return kind = Combine::kMin, true;
  if (name == "any") return kind = Combine::kAny, true;
  if (name == "all") return kind = Combine::kAll, true;
  return false;
}

/// What an empty combination gives: 0, 1, the least value (-inf), the greatest (inf), false, true.
template <typename A>
A combine_identity(Combine kind) {
  switch (kind) {
    case Combine::kSum:
    case Combine::kAny: return A(0);
    case Combine::kProd:
    case Combine::kAll: return A(1);
    case Combine::kMax:
      return std::is_floating_point_v<A> ? -std::numeric_limits<A>::infinity() : std::numeric_limits<A>::lowest();
    case Combine::kMin: break;
  }
  return std::is_floating_point_v<A> ? std::numeric_limits<A>::infinity() : std::numeric_limits<A>::max();
}

template <typename A>
A combine(Combine kind, A a, A b) {
  switch (kind) {
    case Combine::kSum: return wrapping_add(a, b);
    case Combine::kProd: return wrapping_mul(a, b);
    case Combine::kMax: return nan_max(a, b);
    case Combine::kMin: return nan_min(a, b);
    case Combine::kAny: return A(a != A(0) || b != A(0));
    case Combine::kAll: break;
  }
  return A(a != A(0) && b != A(0));
}

}  // namespace dlc::ir
