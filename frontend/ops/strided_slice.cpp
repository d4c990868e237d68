#include <algorithm>

#include "frontend/graph/make_node.h"
#include "frontend/ops/box.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

/// No tensor has as many elements along an axis: a number beyond it says no more, and fits into arithmetic with sizes.
constexpr int64_t kBeyondAll = int64_t{1} << 61;

/// Python's bounds of a slice with a positive step: clamped into [0, dim].
ir::Dim clamp_bound(const ir::Dim& dim, int64_t bound) {
  const ir::Dim from_start = bound < 0 ? dim + bound : ir::Dim(bound);
  return ir::Dim::min(ir::Dim::max(from_start, 0), dim);
}

/// Axis `i` cut to begin:end:stride. Returns whether it must be reversed first, for a negative step.
bool cut(ExpandContext& c, Value x, size_t i, std::optional<int64_t> begin, std::optional<int64_t> end, int64_t stride,
         Box& box) {
  const ir::Dim& dim = x.dims()[i];
  if (stride > 0) {
    if (begin) box.start[i] = clamp_bound(dim, *begin);
    if (end) box.limit[i] = clamp_bound(dim, *end);
  } else {
    if (stride == 0) c.fail(ErrorCode::kInvalidArgument, "'strides' has a 0");
    // Element k from the end is element dim - 1 - k: begin:end:-s of x is a slice of its mirror image.
    const auto mirrored = [&](int64_t bound) { return bound < 0 ? ir::Dim(-1 - bound) : dim - 1 - bound; };
    const auto clamped = [&](const ir::Dim& d) { return ir::Dim::min(ir::Dim::max(d, 0), dim); };
    if (begin) box.start[i] = clamped(mirrored(*begin));
    if (end) box.limit[i] = clamped(mirrored(*end));
  }
  box.strides[i] = std::abs(stride);
  box.limit[i] = ir::Dim::max(box.start[i], box.limit[i]);
  return stride < 0;
}

std::vector<Value> expand_strided_slice(ExpandContext& c) {
  Value x = c.operand(0);
  const ir::Ints &begin = c.ints_attr("begin"), &end = c.ints_attr("end");
  ir::Ints strides = c.ints_attr("strides");
  if (strides.empty()) strides.assign(begin.size(), 1);
  if (begin.size() != end.size() || begin.size() != strides.size() || begin.size() > x.dims().size())
    c.fail(ErrorCode::kInvalidShape, "'begin', 'end' and 'strides' have {}, {} and {} entries for {}", begin.size(),
           end.size(), strides.size(), x.type());
  const auto bit = [&](const char* mask, size_t i) { return ((c.int_attr(mask) >> i) & 1) != 0; };
  Box box(x);
  ir::Ints reversed, dropped;
  for (size_t i = 0; i < begin.size(); ++i) {
    if (bit("shrink_axis_mask", i)) {
      narrow_to(c, x, i, begin[i], box);
      dropped.push_back(static_cast<int64_t>(i));
      continue;
    }
    const auto bounded = [](int64_t v) { return std::clamp(v, -kBeyondAll, kBeyondAll); };
    const std::optional<int64_t> from = bit("begin_mask", i) ? std::nullopt : std::optional(bounded(begin[i]));
    const std::optional<int64_t> to = bit("end_mask", i) ? std::nullopt : std::optional(bounded(end[i]));
    if (cut(c, x, i, from, to, bounded(strides[i]), box)) reversed.push_back(static_cast<int64_t>(i));
  }
  if (!reversed.empty()) x = c.b.op(ir::OpKind::kReverse, {x}, {{"axes", reversed}});
  const Value taken = take(c, x, std::move(box));
  ir::Dims dims;
  for (size_t i = 0; i < taken.dims().size(); ++i)
    if (!std::binary_search(dropped.begin(), dropped.end(), static_cast<int64_t>(i))) dims.push_back(taken.dims()[i]);
  return {c.b.reshape(taken, std::move(dims))};
}

}  // namespace

OpSpec strided_slice_spec() {
  return {.name = "strided_slice",
          .category = "shapes",
          .doc = "x[begin:end:strides] along the first axes, as in Python. Bit i of a mask is axis i.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("begin", ir::Ints{}, "negative counts from the end"),
                    required_attr("end", ir::Ints{}, "not included"),
                    default_attr("strides", ir::Ints{}, "empty: ones; negative goes backwards"),
                    default_attr("begin_mask", int64_t{0}, "these begins are open"),
                    default_attr("end_mask", int64_t{0}, "these ends are open"),
                    default_attr("shrink_axis_mask", int64_t{0}, "only the element at begin; the axis vanishes")},
          .expand = expand_strided_slice};
}

Tensor strided_slice(const TensorArg& x, const std::vector<int64_t>& begin, const std::vector<int64_t>& end,
                     const StridedSliceOptions& options) {
  return apply("strided_slice", {x},
               {{"begin", begin},
                {"end", end},
                {"strides", options.strides},
                {"begin_mask", options.begin_mask},
                {"end_mask", options.end_mask},
                {"shrink_axis_mask", options.shrink_axis_mask}},
               options.name);
}

}  // namespace dlc
