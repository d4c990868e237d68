// The concrete shape of an Array: the size of each dimension, outermost first. (The shapes of
// the IR, whose dimensions may be symbols, are in ir/dim.h.)
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "support/dtype.h"
#include "support/expected.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

using Shape = std::vector<int64_t>;

/// Number of elements: 1 for rank 0. The product must fit (see checked_num_elements).
int64_t num_elements(std::span<const int64_t> shape);
/// The same for shapes from outside: an Error on a negative size or on overflow of elements or
/// of bytes (element count times `size_of(dtype)`).
Expected<int64_t> checked_num_elements(std::span<const int64_t> shape, DType dtype = kFloat64);
/// Row-major strides, in elements.
Shape row_major_strides(std::span<const int64_t> shape);
/// "[2,3]"; "[]" for rank 0.
std::string shape_str(std::span<const int64_t> shape);
/// "f32[2,3]".
std::string type_str(DType dtype, std::span<const int64_t> shape);

}  // namespace dlc DLC_PUBLIC
