#include "ir/attr.h"

#include <fmt/ranges.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "support/check.h"
#include "support/quote.h"

namespace dlc::ir {
namespace {

/// Shortest text that reads back exactly, always recognisable as a float.
template <typename T>
std::string float_str(T v) {
  if (std::isnan(v)) return std::signbit(v) ? "-nan" : "nan";
  if (std::isinf(v)) return v < 0 ? "-inf" : "inf";
  std::string s = fmt::format("{}", v);
  if (s.find_first_of(".e") == std::string::npos) s += ".0";
  return s;
}

/// Whether a NaN of other bits than the printed "nan" and "-nan" is among the elements.
bool has_odd_nan(const Array& a) {
  return dispatch(a.dtype(), [&]<typename T>() {
    if constexpr (std::is_floating_point_v<T>) {
      for (const T v : a.data<T>()) {
        if (!std::isnan(v)) continue;
        const T plain = std::copysign(std::numeric_limits<T>::quiet_NaN(), std::signbit(v) ? T{-1} : T{1});
        if (std::memcmp(&v, &plain, sizeof v) != 0) return true;
      }
    }
    return false;
  });
}

std::string array_str(const Array& a) {
  std::string out = a.type_str() + " {";
  // Beyond this many elements the bytes are printed in hexadecimal: exact, and quick to read back.
  constexpr int64_t kReadable = 64;
  if (a.num_elements() > kReadable || has_odd_nan(a)) {
    out += "0x";
    const std::byte* p = a.bytes();
    for (size_t i = 0; i < a.num_bytes(); ++i) out += fmt::format("{:02x}", static_cast<unsigned>(p[i]));
    return out + "}";
  }
  for (int64_t i = 0; i < a.num_elements(); ++i) {
    if (i > 0) out += ", ";
    out += dispatch(a.dtype(), [&]<typename T>() -> std::string {
      const T v = a.data<T>()[static_cast<size_t>(i)];
      if constexpr (std::is_floating_point_v<T>)
        return float_str(v);
      else if constexpr (std::is_same_v<T, bool>)
        return v ? "true" : "false";
      else
        return fmt::format("{}", static_cast<std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>>(v));
    });
  }
  return out + "}";
}

}  // namespace

const char* attr_type_name(const Attr& attr) {
  static constexpr const char* kNames[] = {"bool", "int", "float", "string", "dtype", "ints", "dims", "array"};
  return kNames[attr.index()];
}

std::string attr_str(const Attr& attr) {
  switch (attr.index()) {
    case 0: return std::get<bool>(attr) ? "true" : "false";
    case 1: return fmt::format("{}", std::get<int64_t>(attr));
    case 2: return float_str(std::get<double>(attr));
    case 3: return quote(std::get<std::string>(attr));
    case 4: return to_string(std::get<DType>(attr));
    case 5: return fmt::format("[{}]", fmt::join(std::get<Ints>(attr), ","));
    case 6: {
      std::string s = dims_str(std::get<Dims>(attr));
      s.front() = '<';
      s.back() = '>';
      return s;
    }
    default: return array_str(std::get<Array>(attr));
  }
}

bool attr_equal(const Attr& a, const Attr& b) {
  if (a.index() != b.index()) return false;
  if (const auto* x = std::get_if<Array>(&a)) return x->identical(std::get<Array>(b));
  if (const auto* x = std::get_if<double>(&a)) {
    const double y = std::get<double>(b);
    return std::memcmp(x, &y, sizeof y) == 0;
  }
  return attr_str(a) == attr_str(b);
}

}  // namespace dlc::ir
