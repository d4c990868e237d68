// broadcast: elements repeated along new axes and along axes of size 1.
#include <algorithm>

#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_broadcast(const InferContext& c) {
  const TensorType& x = c.operand(0);
  const Dims& dims = c.attr<Dims>("dims");
  const Ints& axes = c.attr<Ints>("axes");
  DLC_RETURN_IF_ERROR(dims_valid(c, "broadcast_c1", "dims"));
  if (static_cast<int64_t>(axes.size()) != x.rank())
    return c.error("broadcast_c2", "'axes' is {}, needs one result axis for each of the {} axes of {}",
                   attr_str(Attr(axes)), x.rank(), x);
  DLC_RETURN_IF_ERROR(c.axes_valid("broadcast_c3", "axes", static_cast<int64_t>(dims.size())));
  for (int64_t i = 0; i < x.rank(); ++i) {
    if (x.dim(i).is(1)) continue;
    const Dim& to = dims[static_cast<size_t>(axes[static_cast<size_t>(i)])];
    DLC_RETURN_IF_ERROR(c.require_equal(
        "broadcast_c4", x.dim(i), to,
        fmt::format("broadcast of {} to {}: axis {} is neither 1 nor of the result's size", x, dims_str(dims), i)));
  }
  return std::vector{x.with(dims)};
}

/// VJP: dx = dy summed over the axes that were made or stretched.
Gradients grad_broadcast(GradContext& g) {
  const Value x = g.operand(0), dy = g.result_grad();
  const Ints& axes = g.op().ints_attr("axes");
  Ints summed = other_axes(axes, dy.rank());
  for (int64_t i = 0; i < x.rank(); ++i) {
    const int64_t to = axes[static_cast<size_t>(i)];
    if (x.type().dim(i).is(1) && !dy.type().dim(to).is(1)) summed.push_back(to);
  }
  std::sort(summed.begin(), summed.end());
  return {g.b.reshape(g.b.reduce_sum(dy, std::move(summed)), x.dims())};
}

std::vector<Array> reference_broadcast(const ReferenceContext& c) {
  const Array& x = c.operands[0];
  const Ints& axes = c.op.ints_attr("axes");
  Array y = c.make_result();
  const Shape strides = row_major_strides(x.shape());
  StridedView view{0, Shape(y.shape().size(), 0)};
  for (size_t i = 0; i < axes.size(); ++i)
    if (x.shape()[i] != 1) view.strides[static_cast<size_t>(axes[i])] = strides[i];
  strided_copy(x, view, y, whole(y), y.shape());
  return {y};
}

}  // namespace

OpDef broadcast_op() {
  return {
      .doc =
          "Axis i of `x` becomes axis axes[i] of the result; an axis of size 1 is stretched, the "
          "axes of the result that are not in `axes` are new. Elements are repeated along both.",
      .operands = {{"x", TypeClass::kAny, "any shape"}},
      .attrs = {{"dims", Dims{}, false, "the dimensions of the result"},
                {"axes", Ints{}, false, "ascending, one for each axis of x"}},
      .fusion = FusionKind::kInjective,
      // broadcast_c1: sizes >= 0; broadcast_c2: one axis per operand axis; broadcast_c3: ascending,
      // in range; broadcast_c4: operand dims are 1 or the result's
      .infer = infer_broadcast,
      .gradient = grad_broadcast,
      .reference = reference_broadcast,
  };
}

}  // namespace dlc::ir
