// reverse: the order of elements turned round along some axes.
#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_reverse(const InferContext& c) {
  DLC_RETURN_IF_ERROR(c.axes_valid("reverse_c1", "axes", c.operand(0).rank()));
  return std::vector{c.operand(0)};
}

/// VJP: dx = dy reversed.
Gradients grad_reverse(GradContext& g) {
  return {g.b.op(OpKind::kReverse, {g.result_grad()}, {{"axes", g.op().ints_attr("axes")}})};
}

std::vector<Array> reference_reverse(const ReferenceContext& c) {
  const Array& x = c.operands[0];
  StridedView view = whole(x);
  for (const int64_t axis : c.op.ints_attr("axes")) {
    int64_t& stride = view.strides[static_cast<size_t>(axis)];
    view.start += (x.dim(axis) - 1) * stride;
    stride = -stride;
  }
  Array y = c.make_result();
  strided_copy(x, view, y, whole(y), y.shape());
  return {y};
}

}  // namespace

OpDef reverse_op() {
  return {
      .doc = "Element i along each of `axes` is element dim - 1 - i of `x`.",
      .operands = {{"x", TypeClass::kAny, "any shape"}},
      .attrs = {{"axes", Ints{}, false, "ascending"}},
      .fusion = FusionKind::kInjective,
      .infer = infer_reverse,  // reverse_c1: ascending axes in range
      .gradient = grad_reverse,
      .reference = reference_reverse,
  };
}

}  // namespace dlc::ir
