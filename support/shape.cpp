#include "support/shape.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace dlc {

int64_t num_elements(std::span<const int64_t> shape) {
  // A size of 0 first: the product of the others may not fit.
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  int64_t n = 1;
  for (const int64_t d : shape) n *= d;
  return n;
}

Expected<int64_t> checked_num_elements(std::span<const int64_t> shape, DType dtype) {
  int64_t n = 1;
  bool empty = false;
  for (const int64_t d : shape) {
    if (d < 0) return make_error(ErrorCode::kInvalidShape, "shape {} has a negative size", shape_str(shape));
    if (d == 0) empty = true;
  }
  if (empty) return int64_t{0};
  for (const int64_t d : shape)
    if (__builtin_mul_overflow(n, d, &n))
      return make_error(ErrorCode::kResourceExhausted, "shape {} has too many elements", shape_str(shape));
  int64_t bytes = 0;
  if (__builtin_mul_overflow(n, static_cast<int64_t>(size_of(dtype)), &bytes))
    return make_error(ErrorCode::kResourceExhausted, "{} needs too many bytes", type_str(dtype, shape));
  return n;
}

Shape row_major_strides(std::span<const int64_t> shape) {
  Shape strides(shape.size());
  // Unsigned: where a size is 0 the others are unbounded, and the strides mean nothing.
  uint64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = static_cast<int64_t>(stride);
    stride *= static_cast<uint64_t>(shape[i]);
  }
  return strides;
}

std::string shape_str(std::span<const int64_t> shape) { return fmt::format("[{}]", fmt::join(shape, ",")); }

std::string type_str(DType dtype, std::span<const int64_t> shape) {
  return fmt::format("{}{}", dtype, shape_str(shape));
}

}  // namespace dlc
