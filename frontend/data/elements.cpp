#include "frontend/data/elements.h"

#include <algorithm>
#include <bit>

namespace dlc {

const Array* find_array(const NamedArrays& arrays, std::string_view name) {
  const auto it = std::find_if(arrays.begin(), arrays.end(), [&](const auto& entry) { return entry.first == name; });
  return it == arrays.end() ? nullptr : &it->second;
}

Expected<uint64_t> checked_file_bytes(const std::string& name, DType dtype, const Shape& shape) {
  if (shape.size() > kMaxFileRank)
    return make_error(ErrorCode::kData, "{}: expected at most {} dimensions, found {}", name, kMaxFileRank,
                      shape.size());
  // Sizes of 0 count as 1 here, so that strides of empty arrays cannot overflow either.
  int64_t bytes = static_cast<int64_t>(size_of(dtype));
  bool empty = false;
  for (const int64_t size : shape) {
    if (size < 0)
      return make_error(ErrorCode::kData, "{}: expected sizes of at least 0, found shape {}", name, shape_str(shape));
    if (size == 0)
      empty = true;
    else if (__builtin_mul_overflow(bytes, size, &bytes))
      return make_error(ErrorCode::kData, "{}: the shape {} has more bytes than can be addressed", name,
                        type_str(dtype, shape));
  }
  return empty ? 0 : static_cast<uint64_t>(bytes);
}

Expected<Array> read_elements(ByteSource& source, DType dtype, const Shape& shape, ByteOrder order) {
  DLC_ASSIGN_OR_RETURN(const uint64_t bytes, checked_file_bytes(source.name(), dtype, shape));
  if (bytes > source.max_remaining())
    return make_error(
        ErrorCode::kData, "{}: {} needs {} bytes of data, found {}{}; the file is cut off or its shape wrong",
        source.name(), type_str(dtype, shape), bytes, source.exact_size() ? "" : "at most ", source.max_remaining());
  Array array = Array::uninitialized(dtype, shape);
  const std::span<std::byte> data(array.bytes(), array.num_bytes());
  DLC_RETURN_IF_ERROR(source.read(data));

  const bool swap = (order == ByteOrder::kBig) != (std::endian::native == std::endian::big);
  if (swap) swap_bytes(data, size_of(dtype));
  if (dtype == kBool)
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
