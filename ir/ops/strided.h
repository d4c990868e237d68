// What the reference meanings of the shape ops share: one strided copy. Slow on purpose; it is
// the meaning, not the machine code.
#pragma once

#include "ir/op_def.h"
#include "support/array.h"

namespace dlc::ir {

/// A view of an array's elements: element (i, j, ...) is number start + i*strides[0] + j*strides[1] + ...
struct StridedView {
  int64_t start = 0;
  Shape strides;
};

/// The row-major view of the whole array.
StridedView whole(const Array& a);
/// to[to_view(i)] = from[from_view(i)] for each index i below `shape`. Both arrays have one element type.
void strided_copy(const Array& from, const StridedView& from_view, Array& to, const StridedView& to_view,
                  const Shape& shape);
/// Every element becomes the only element of `value`.
void fill(Array& to, const Array& value);

/// Element i of an array of i32 or i64.
int64_t index_at(const Array& indices, int64_t i);

/// An axis in the middle: the array is [outer, extent, inner] in row-major order.
struct AxisSplit {
  int64_t outer = 1;
  int64_t extent = 1;
  int64_t inner = 1;
};
AxisSplit split_at(const Shape& shape, int64_t axis);

/// 0, 1, ..., rank-1.
Ints all_axes(int64_t rank);
/// The axes below `rank` that are not in `axes`, ascending.
Ints other_axes(const Ints& axes, int64_t rank);

/// Type rules: every dim that is a number, and everything known of the others, is >= 0.
Expected<void> dims_valid(const InferContext& c, const char* constraint, const std::string& attr_name);
/// a <= b: at once when it is known, else recorded as the requirement max(a, b) == b.
Expected<void> require_at_most(const InferContext& c, const char* constraint, const Dim& a, const Dim& b,
                               const std::string& what);

}  // namespace dlc::ir
