#include "ir/ops/strided.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "support/check.h"

namespace dlc::ir {

namespace {

void check_bounds(const Array& a, const StridedView& view, const Shape& shape) {
  int64_t low = view.start, high = view.start;
  for (size_t d = 0; d < shape.size(); ++d) {
    const int64_t reach = (shape[d] - 1) * view.strides[d];
    (reach < 0 ? low : high) += reach;
  }
  DLC_CHECK(low >= 0 && high < a.num_elements(), "a view reaches from {} to {} in {}", low, high, a.type_str());
}

}  // namespace

StridedView whole(const Array& a) { return {0, row_major_strides(a.shape())}; }

void strided_copy(const Array& from, const StridedView& from_view, Array& to, const StridedView& to_view,
                  const Shape& shape) {
  const int64_t count = num_elements(shape);
  if (count == 0) return;
  check_bounds(from, from_view, shape);
  check_bounds(to, to_view, shape);
  const size_t size = size_of(from.dtype());
  Shape index(shape.size(), 0);
  int64_t source = from_view.start, target = to_view.start;
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(to.bytes() + static_cast<size_t>(target) * size, from.bytes() + static_cast<size_t>(source) * size,
                size);
    for (size_t d = shape.size(); d-- > 0;) {
      source += from_view.strides[d];
      target += to_view.strides[d];
      if (++index[d] < shape[d]) break;
      source -= shape[d] * from_view.strides[d];
      target -= shape[d] * to_view.strides[d];
      index[d] = 0;
    }
  }
}

void fill(Array& to, const Array& value) {
  strided_copy(value, {0, Shape(to.shape().size(), 0)}, to, whole(to), to.shape());
}

int64_t index_at(const Array& indices, int64_t i) {
  const auto at = static_cast<size_t>(i);
  return indices.dtype() == kInt32 ? indices.data<int32_t>()[at] : indices.data<int64_t>()[at];
}

AxisSplit split_at(const Shape& shape, int64_t axis) {
  const std::span<const int64_t> all(shape);
  const auto a = static_cast<size_t>(axis);
  return {num_elements(all.first(a)), shape[a], num_elements(all.subspan(a + 1))};
}

Ints all_axes(int64_t rank) {
  Ints axes(static_cast<size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

Ints other_axes(const Ints& axes, int64_t rank) {
  Ints rest;
  for (int64_t i = 0; i < rank; ++i)
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) rest.push_back(i);
  return rest;
}

Expected<void> dims_valid(const InferContext& c, const char* constraint, const std::string& attr_name) {
  for (const Dim& d : c.attr<Dims>(attr_name))
    if (d.is_constant() && d.constant() < 0)
      return c.error(constraint, "'{}' is {}, needs sizes >= 0", attr_name, dims_str(c.attr<Dims>(attr_name)));
  return {};
}

Expected<void> require_at_most(const InferContext& c, const char* constraint, const Dim& a, const Dim& b,
                               const std::string& what) {
  if ((b - a).known_nonnegative()) return {};
  if ((b - a).is_constant()) return c.error(constraint, "{}: {} is more than {}", what, a, b);
  return c.require_equal(constraint, Dim::max(a, b), b, what);
}

}  // namespace dlc::ir
