// transpose: axes in another order.
#include <algorithm>

#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_transpose(const InferContext& c) {
  const TensorType& x = c.operand(0);
  const Ints& permutation = c.attr<Ints>("permutation");
  Ints sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != all_axes(x.rank()))
    return c.error("transpose_c1", "'permutation' is {}, needs each axis of {} once", attr_str(Attr(permutation)), x);
  Dims dims;
  for (const int64_t axis : permutation) dims.push_back(x.dim(axis));
  return std::vector{x.with(std::move(dims))};
}

/// VJP: dx = dy transposed by the inverse permutation.
Gradients grad_transpose(GradContext& g) {
  const Ints& permutation = g.op().ints_attr("permutation");
  Ints inverse(permutation.size());
  for (size_t i = 0; i < permutation.size(); ++i)
    inverse[static_cast<size_t>(permutation[i])] = static_cast<int64_t>(i);
  return {g.b.transpose(g.result_grad(), std::move(inverse))};
}

std::vector<Array> reference_transpose(const ReferenceContext& c) {
  const Shape strides = row_major_strides(c.operands[0].shape());
  StridedView view;
  for (const int64_t axis : c.op.ints_attr("permutation")) view.strides.push_back(strides[static_cast<size_t>(axis)]);
  Array y = c.make_result();
  strided_copy(c.operands[0], view, y, whole(y), y.shape());
  return {y};
}

}  // namespace

OpDef transpose_op() {
  return {
      .doc = "Axis i of the result is axis permutation[i] of `x`.",
      .operands = {{"x", TypeClass::kAny, "any shape"}},
      .attrs = {{"permutation", Ints{}, false, "each axis of x once"}},
      .fusion = FusionKind::kInjective,
      .infer = infer_transpose,  // transpose_c1: a permutation of the axes
      .gradient = grad_transpose,
      .reference = reference_transpose,
  };
}

}  // namespace dlc::ir
