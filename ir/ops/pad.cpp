// pad: a border around the elements, and gaps between them; negative borders crop.
#include <algorithm>

#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

/// The size with gaps: 0 stays 0, else dim + (dim - 1) * interior.
Dim spread_dim(const Dim& dim, int64_t interior) {
  return interior == 0 ? dim : dim + Dim(interior) * Dim::max(dim - 1, 0);
}

Expected<std::vector<TensorType>> infer_pad(const InferContext& c) {
  const TensorType &x = c.operand(0), &value = c.operand(1);
  DLC_RETURN_IF_ERROR(c.same_types("pad_c1", 0, 1));
  if (value.rank() != 0) return c.error("pad_c2", "operand 'value' needs rank 0, got {}", value);
  const Dims &low = c.attr<Dims>("low"), &high = c.attr<Dims>("high");
  const Ints& interior = c.attr<Ints>("interior");
  const auto rank = static_cast<size_t>(x.rank());
  if (low.size() != rank || high.size() != rank || interior.size() != rank)
    return c.error("pad_c3", "'low', 'high' and 'interior' need {} entries for {}, got {}, {} and {}", rank, x,
                   low.size(), high.size(), interior.size());
  Dims dims;
  for (size_t i = 0; i < rank; ++i) {
    if (interior[i] < 0) return c.error("pad_c4", "'interior' is {}, needs gaps >= 0", attr_str(Attr(interior)));
    dims.push_back(low[i] + spread_dim(x.dims[i], interior[i]) + high[i]);
    DLC_RETURN_IF_ERROR(
        require_at_most(c, "pad_c5", Dim(0), dims.back(),
                        fmt::format("pad of {} by {} and {} at axis {} leaves a size below 0", x, low[i], high[i], i)));
  }
  return std::vector{x.with(std::move(dims))};
}

/// VJP: dx is dy without its border (with zeros where x was cropped), every (interior + 1)-th
/// element of it. dvalue is the sum of the other elements of dy, selected by a mask: sum(dy) -
/// sum(dx) would turn infinities into NaN.
Gradients grad_pad(GradContext& g) {
  const Value x = g.operand(0), dy = g.result_grad();
  const Dims &low = g.op().dims_attr("low"), &high = g.op().dims_attr("high");
  const Ints& interior = g.op().ints_attr("interior");
  const auto border = [&](Value v, double value, const Dims& l, const Dims& h, const Ints& gaps) {
    return g.b.op(OpKind::kPad, {v, g.b.scalar(v.dtype(), value)}, {{"low", l}, {"high", h}, {"interior", gaps}});
  };
  Gradients out(2);
  if (g.needed(0)) {
    Dims minus_low, minus_high;
    Ints strides;
    for (size_t i = 0; i < low.size(); ++i) {
      minus_low.push_back(0 - low[i]);
      minus_high.push_back(0 - high[i]);
      strides.push_back(interior[i] + 1);
    }
    const Value spread = border(dy, 0, minus_low, minus_high, Ints(low.size(), 0));
    Value dx = spread;
    if (std::any_of(interior.begin(), interior.end(), [](int64_t gap) { return gap > 0; }))
      dx = g.b.slice(spread, Dims(low.size(), 0), spread.dims(), std::move(strides));
    // With gaps and a symbol, the slice's dims equal those of x in a spelling that only holds them equal when bound.
    out[0] = g.b.reshape(dx, x.dims());
  }
  if (g.needed(1)) {
    const Value is_border = border(g.b.full(x.type().with(kBool), 0), 1, low, high, interior);
    out[1] = g.b.reduce_sum(g.b.select(is_border, dy, g.b.full_like(dy, 0)), all_axes(dy.rank()));
  }
  return out;
}

std::vector<Array> reference_pad(const ReferenceContext& c) {
  const Array& x = c.operands[0];
  Array y = c.make_result();
  fill(y, c.operands[1]);
  const Shape low = c.shape_attr("low"), from = row_major_strides(x.shape()), to = row_major_strides(y.shape());
  StridedView source, target;
  Shape shape;
  for (size_t i = 0; i < low.size(); ++i) {
    // x's elements i with 0 <= low + i * step < size of y.
    const int64_t step = c.op.ints_attr("interior")[i] + 1;
    const int64_t first = low[i] >= 0 ? 0 : (-low[i] + step - 1) / step;
    const int64_t room = y.shape()[i] - low[i];
    const int64_t end = std::min(x.shape()[i], room > 0 ? (room + step - 1) / step : 0);
    shape.push_back(std::max<int64_t>(end - first, 0));
    source.start += first * from[i];
    target.start += (low[i] + first * step) * to[i];
    source.strides.push_back(from[i]);
    target.strides.push_back(step * to[i]);
  }
  strided_copy(x, source, y, target, shape);
  return {y};
}

}  // namespace

OpDef pad_op() {
  return {
      .doc =
          "`x` with `interior` copies of `value` between neighbours, then `low` in front and `high` "
          "behind, along each axis; a negative low or high removes elements.",
      .operands = {{"x", TypeClass::kAny, "any shape"}, {"value", TypeClass::kAny, "rank 0, type of x"}},
      .attrs = {{"low", Dims{}, false, "in front, one per axis"},
                {"high", Dims{}, false, "behind, one per axis"},
                {"interior", Ints{}, false, "between neighbours, >= 0"}},
      .fusion = FusionKind::kInjective,
      // pad_c1: one element type; pad_c2: value of rank 0; pad_c3: one entry per axis; pad_c4: gaps
      // >= 0; pad_c5: sizes >= 0
      .infer = infer_pad,
      .gradient = grad_pad,
      .reference = reference_pad,
  };
}

}  // namespace dlc::ir
