// slice: a box of elements, every strides[i]-th along axis i.
#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_slice(const InferContext& c) {
  const TensorType& x = c.operand(0);
  const Dims &start = c.attr<Dims>("start"), &limit = c.attr<Dims>("limit");
  const Ints& strides = c.attr<Ints>("strides");
  const auto rank = static_cast<size_t>(x.rank());
  if (start.size() != rank || limit.size() != rank || strides.size() != rank)
    return c.error("slice_c1", "'start', 'limit' and 'strides' need {} entries for {}, got {}, {} and {}", rank, x,
                   start.size(), limit.size(), strides.size());
  Dims dims;
  for (size_t i = 0; i < rank; ++i) {
    const Dim &from = start[i], &to = limit[i], &dim = x.dims[i];
    if (strides[i] <= 0) return c.error("slice_c2", "'strides' is {}, needs strides >= 1", attr_str(Attr(strides)));
    const std::string what = fmt::format(
        "slice of {} at axis {} needs 0 <= start <= limit <= {}, got start {} and limit {}", x, i, dim, from, to);
    DLC_RETURN_IF_ERROR(require_at_most(c, "slice_c3", Dim(0), from, what));
    DLC_RETURN_IF_ERROR(require_at_most(c, "slice_c3", from, to, what));
    DLC_RETURN_IF_ERROR(require_at_most(c, "slice_c3", to, dim, what));
    // ceil((limit - start) / stride), also 0 for an empty range.
    dims.push_back(Dim::floor_div(to - from - 1, strides[i]) + 1);
  }
  return std::vector{x.with(std::move(dims))};
}

/// VJP: dy spread over zeros: padded by what was cut, with strides - 1 zeros between its elements.
Gradients grad_slice(GradContext& g) {
  const Value x = g.operand(0), dy = g.result_grad();
  const Dims& start = g.op().dims_attr("start");
  const Ints& strides = g.op().ints_attr("strides");
  Dims high;
  Ints interior;
  for (size_t i = 0; i < start.size(); ++i) {
    const Dim& count = dy.dims()[i];
    const Dim spread = count + Dim(strides[i] - 1) * Dim::max(count - 1, 0);
    high.push_back(x.dims()[i] - start[i] - (strides[i] == 1 ? count : spread));
    interior.push_back(strides[i] - 1);
  }
  return {g.b.op(OpKind::kPad, {dy, g.b.scalar(dy.dtype(), 0)},
                 {{"low", start}, {"high", std::move(high)}, {"interior", std::move(interior)}})};
}

std::vector<Array> reference_slice(const ReferenceContext& c) {
  const Array& x = c.operands[0];
  const Shape start = c.shape_attr("start"), strides = row_major_strides(x.shape());
  StridedView view;
  for (size_t i = 0; i < strides.size(); ++i) {
    view.start += start[i] * strides[i];
    view.strides.push_back(c.op.ints_attr("strides")[i] * strides[i]);
  }
  Array y = c.make_result();
  strided_copy(x, view, y, whole(y), y.shape());
  return {y};
}

}  // namespace

OpDef slice_op() {
  return {
      .doc = "The elements of `x` at start, start + stride, ... below limit, along each axis.",
      .operands = {{"x", TypeClass::kAny, "any shape"}},
      .attrs = {{"start", Dims{}, false, "first index, one per axis"},
                {"limit", Dims{}, false, "end, not included; start <= limit <= dim"},
                {"strides", Ints{}, false, "steps >= 1"}},
      .fusion = FusionKind::kInjective,
      // slice_c1: one entry per axis; slice_c2: strides >= 1; slice_c3: 0 <= start <= limit <= dim
      .infer = infer_slice,
      .gradient = grad_slice,
      .reference = reference_slice,
  };
}

}  // namespace dlc::ir
