#include "frontend/data/elements.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "support/check.h"

namespace dlc {

const Array* find_array(const NamedArrays& arrays, std::string_view name) {
  const auto it = std::find_if(arrays.begin(), arrays.end(), [&](const auto& entry) { return entry.first == name; });
  return it == arrays.end() ? nullptr : &it->second;
}

size_t FileType::size() const {
  if (narrow == Narrow::kNone) return size_of(dtype);
  return narrow == Narrow::kI8 ? 1 : 2;
}

Expected<uint64_t> checked_file_bytes(const std::string& name, FileType type, const Shape& shape) {
  if (shape.size() > kMaxFileRank)
    return make_error(ErrorCode::kData, "{}: expected at most {} dimensions, found {}", name, kMaxFileRank,
                      shape.size());
  // Sizes of 0 count as 1 here, so that strides of empty arrays cannot overflow either.
  int64_t bytes = static_cast<int64_t>(size_of(type.dtype));
  bool empty = false;
  for (const int64_t size : shape) {
    if (size < 0)
      return make_error(ErrorCode::kData, "{}: expected sizes of at least 0, found shape {}", name, shape_str(shape));
    if (size == 0)
      empty = true;
    else if (__builtin_mul_overflow(bytes, size, &bytes))
      return make_error(ErrorCode::kData, "{}: the shape {} has more bytes than can be addressed", name,
                        type_str(type.dtype, shape));
  }
  return empty ? 0 : static_cast<uint64_t>(bytes) / size_of(type.dtype) * type.size();
}

namespace {

/// IEEE binary16: 5 bits of exponent, 10 of fraction. f32 has every value; NaNs keep their payload.
float from_half(uint16_t half) {
  const uint32_t sign = (uint32_t{half} & 0x8000u) << 16, exponent = half >> 10 & 0x1fu, fraction = half & 0x3ffu;
  if (exponent == 0)
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(static_cast<float>(fraction) * 0x1p-24f));
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  return std::bit_cast<float>(sign | (exponent + 127 - 15) << 23 | fraction << 13);
}

/// The upper half of an f32.
float from_bfloat16(uint16_t half) { return std::bit_cast<float>(uint32_t{half} << 16); }

template <typename From, typename To>
void widen_each(std::span<const std::byte> data, std::span<To> out, To (*widen)(From)) {
  for (size_t i = 0; i < out.size(); ++i) {
    From value;
    std::memcpy(&value, data.data() + i * sizeof(From), sizeof(From));
    out[i] = widen(value);
  }
}

Array widened(std::span<const std::byte> data, FileType type, const Shape& shape) {
  Array out = Array::uninitialized(type.dtype, shape);
  switch (type.narrow) {
    case FileType::Narrow::kI8:
      widen_each<int8_t, int32_t>(data, out.data<int32_t>(), [](int8_t v) -> int32_t { return v; });
      break;
    case FileType::Narrow::kI16:
      widen_each<int16_t, int32_t>(data, out.data<int32_t>(), [](int16_t v) -> int32_t { return v; });
      break;
    case FileType::Narrow::kU16:
      widen_each<uint16_t, int32_t>(data, out.data<int32_t>(), [](uint16_t v) -> int32_t { return v; });
      break;
    case FileType::Narrow::kF16: widen_each<uint16_t, float>(data, out.data<float>(), from_half); break;
    case FileType::Narrow::kBf16: widen_each<uint16_t, float>(data, out.data<float>(), from_bfloat16); break;
    case FileType::Narrow::kNone: DLC_UNREACHABLE("{} is not narrow", type.dtype);
  }
  return out;
}

}  // namespace

Expected<Array> read_elements(ByteSource& source, FileType type, const Shape& shape, ByteOrder order) {
  DLC_ASSIGN_OR_RETURN(const uint64_t bytes, checked_file_bytes(source.name(), type, shape));
  if (bytes > source.max_remaining())
    return make_error(ErrorCode::kData,
                      "{}: {} needs {} bytes of data, found {}{}; the file is cut off or its shape wrong",
                      source.name(), type_str(type.dtype, shape), bytes, source.exact_size() ? "" : "at most ",
                      source.max_remaining());
  const bool swap = (order == ByteOrder::kBig) != (std::endian::native == std::endian::big);
  if (type.narrow != FileType::Narrow::kNone) {
    std::vector<std::byte> data(bytes);
    DLC_RETURN_IF_ERROR(source.read(data));
    if (swap) swap_bytes(data, type.size());
    return widened(data, type, shape);
  }
  Array array = Array::uninitialized(type.dtype, shape);
  const std::span<std::byte> data(array.bytes(), array.num_bytes());
  DLC_RETURN_IF_ERROR(source.read(data));
  if (swap) swap_bytes(data, type.size());
  if (type.dtype == kBool)
    std::transform(data.begin(), data.end(), data.begin(), [](std::byte b) { return std::byte(b != std::byte{0}); });
  return array;
}

void swap_bytes(std::span<std::byte> bytes, size_t size) {
  if (size < 2) return;
  for (size_t i = 0; i + size <= bytes.size(); i += size)
    std::reverse(bytes.begin() + static_cast<ptrdiff_t>(i), bytes.begin() + static_cast<ptrdiff_t>(i + size));
}

std::string quote_text(std::string_view text) {
  constexpr size_t kLimit = 60;
  std::string out = "'";
  for (const char c : text.substr(0, kLimit)) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 0x20 || u == 0x7f)
      out += fmt::format("\\x{:02x}", u);
    else
      out += c;
  }
  out += text.size() > kLimit ? "...'" : "'";
  return out;
}

}  // namespace dlc
