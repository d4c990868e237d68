// concat: tensors one behind the other along an axis.
#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_concat(const InferContext& c) {
  if (c.num_operands() == 0) return c.error("concat_c1", "needs at least one operand");
  const TensorType& first = c.operand(0);
  DLC_RETURN_IF_ERROR(c.axis_in_range("concat_c2", "axis", first.rank()));
  const auto axis = static_cast<size_t>(c.int_attr("axis"));
  Dims dims = first.dims;
  for (int i = 1; i < c.num_operands(); ++i) {
    const TensorType& x = c.operand(i);
    DLC_RETURN_IF_ERROR(c.same_types("concat_c3", 0, i));
    const std::string what = fmt::format(
        "concat along axis {} needs equal dimensions otherwise, operands 0 and {} are {} and {}", axis, i, first, x);
    if (x.rank() != first.rank()) return c.error("concat_c4", "{}", what);
    for (size_t d = 0; d < dims.size(); ++d) {
      if (d == axis) continue;
      DLC_RETURN_IF_ERROR(c.require_equal("concat_c4", dims[d], x.dims[d], what));
      if (x.dims[d].is_constant()) dims[d] = x.dims[d];  // a number says more than a symbol equal to it
    }
    dims[axis] = dims[axis] + x.dims[axis];
  }
  return std::vector{first.with(std::move(dims))};
}

/// VJP: each operand's gradient is its slice of dy.
Gradients grad_concat(GradContext& g) {
  const Value dy = g.result_grad();
  const auto axis = static_cast<size_t>(g.op().int_attr("axis"));
  Gradients out;
  Dims start(dy.dims().size(), 0), limit = dy.dims();
  for (int i = 0; i < g.op().num_operands(); ++i) {
    const Value x = g.operand(i);
    limit[axis] = start[axis] + x.dims()[axis];
    out.push_back(g.needed(i) ? g.b.slice(dy, start, limit, Ints(start.size(), 1)) : Value());
    start[axis] = limit[axis];
  }
  return out;
}

std::vector<Array> reference_concat(const ReferenceContext& c) {
  const auto axis = static_cast<size_t>(c.op.int_attr("axis"));
  Array y = c.make_result();
  StridedView target = whole(y);
  for (const Array& x : c.operands) {
    strided_copy(x, whole(x), y, target, x.shape());
    target.start += x.shape()[axis] * target.strides[axis];
  }
  return {y};
}

}  // namespace

OpDef concat_op() {
  return {
      .doc = "The operands one behind the other along `axis`; their other dimensions are equal.",
      .operands = {{"xs", TypeClass::kAny, "one or more, of one element type and rank >= 1", true}},
      .attrs = {{"axis", int64_t{0}, false, "0 <= axis < rank"}},
      .fusion = FusionKind::kInjective,
      // concat_c1: an operand at least; concat_c2: axis in range; concat_c3: one element type;
      // concat_c4: equal dims but for the axis
      .infer = infer_concat,
      .gradient = grad_concat,
      .reference = reference_concat,
  };
}

}  // namespace dlc::ir
