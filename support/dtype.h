// Element types. Mathematics exists for f32 and f64; the integers wrap; bool is one byte, 0 or 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "support/format_text.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

enum class DType : uint8_t { kBool, kU8, kI32, kI64, kU32, kU64, kF32, kF64 };

inline constexpr DType kBool = DType::kBool;
inline constexpr DType kUInt8 = DType::kU8;
inline constexpr DType kInt32 = DType::kI32;
inline constexpr DType kInt64 = DType::kI64;
inline constexpr DType kUInt32 = DType::kU32;
inline constexpr DType kUInt64 = DType::kU64;
inline constexpr DType kFloat32 = DType::kF32;
inline constexpr DType kFloat64 = DType::kF64;
inline constexpr DType kAllDTypes[] = {kBool, kUInt8, kInt32, kInt64, kUInt32, kUInt64, kFloat32, kFloat64};

/// Bytes of one element.
constexpr size_t size_of(DType t) {
  switch (t) {
    case DType::kBool:
    case DType::kU8: return 1;
    case DType::kI32:
    case DType::kU32:
    case DType::kF32: return 4;
    case DType::kI64:
    case DType::kU64:
    case DType::kF64: return 8;
  }
  return 0;
}

constexpr bool is_float(DType t) { return t == DType::kF32 || t == DType::kF64; }
constexpr bool is_signed_int(DType t) { return t == DType::kI32 || t == DType::kI64; }
constexpr bool is_unsigned_int(DType t) { return t == DType::kU8 || t == DType::kU32 || t == DType::kU64; }
constexpr bool is_int(DType t) { return is_signed_int(t) || is_unsigned_int(t); }
constexpr bool is_number(DType t) { return t != DType::kBool; }

/// "f32", "i64", "bool", ...
const char* to_string(DType t);
/// The inverse of to_string; nullopt for anything else.
std::optional<DType> dtype_from_string(std::string_view name);

template <typename T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, bool>)
    return DType::kBool;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return DType::kU8;
  else if constexpr (std::is_same_v<T, int32_t>)
    return DType::kI32;
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T> && sizeof(T) == 8)
    return DType::kI64;
  else if constexpr (std::is_same_v<T, uint32_t>)
    return DType::kU32;
  else if constexpr (std::is_integral_v<T> && std::is_unsigned_v<T> && sizeof(T) == 8)
    return DType::kU64;
  else if constexpr (std::is_same_v<T, float>)
    return DType::kF32;
  else {
    static_assert(std::is_same_v<T, double>, "not an element type of dlc");
    return DType::kF64;
  }
}

/// Calls `f.template operator()<T>()` with the C++ type of `t` (bool for kBool).
template <typename F>
decltype(auto) dispatch(DType t, F&& f) {
  switch (t) {
    case DType::kBool: return f.template operator()<bool>();
    case DType::kU8: return f.template operator()<uint8_t>();
    case DType::kI32: return f.template operator()<int32_t>();
    case DType::kI64: return f.template operator()<int64_t>();
    case DType::kU32: return f.template operator()<uint32_t>();
    case DType::kU64: return f.template operator()<uint64_t>();
    case DType::kF32: return f.template operator()<float>();
    case DType::kF64: break;
  }
  return f.template operator()<double>();
}

}  // namespace dlc DLC_PUBLIC

template <>
struct fmt::formatter<dlc::DType> : dlc::TextFormatter {
  auto format(dlc::DType t, fmt::format_context& context) const { return write(dlc::to_string(t), context); }
};
