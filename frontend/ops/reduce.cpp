#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

OpSpec reduce_spec(const char* name, const char* doc, OpSpec::Expand expand) {
  return {.name = name,
          .category = "reductions",
          .doc = doc,
          .operands = {{"x", "any shape"}},
          .attrs = {optional_attr("axis", ir::Ints{}, "the axes that vanish; negative from the end; absent: all"),
                    default_attr("keepdims", false, "axes of size 1 stay in their place")},
          .expand = expand};
}

ir::AttrMap reduce_attrs(const Axes& axis, bool keepdims) {
  ir::AttrMap attrs = axis_attrs(axis);
  attrs["keepdims"] = keepdims;
  return attrs;
}

namespace expansions {

Value count_along(ir::Builder& b, const ir::Dims& dims, const ir::Ints& axes, DType dtype) {
  ir::Dim n(1);
  for (const int64_t a : axes) n = n * dims[static_cast<size_t>(a)];
  if (n.is_constant()) return b.scalar(dtype, static_cast<double>(n.constant()));
  return b.convert(b.dim_value(n), dtype);
}

Value reduce_mean(ir::Builder& b, Value x, const ir::Ints& axes) {
  const Value sum = b.reduce_sum(x, axes);
  return b.div(sum, b.broadcast_to(count_along(b, x.dims(), axes, x.dtype()), sum.dims()));
}

Value keep_axes(ir::Builder& b, Value reduced, const ir::Dims& dims_of_x, const ir::Ints& axes) {
  ir::Dims dims = dims_of_x;
  for (const int64_t a : axes) dims[static_cast<size_t>(a)] = 1;
  return b.reshape(reduced, dims);
}

Value reduce_variance(ir::Builder& b, Value x, Value mean, const ir::Ints& axes) {
  const Value d = b.sub(x, b.unreduce(mean, x.dims(), axes));
  return reduce_mean(b, b.mul(d, d), axes);
}

Value sum_of_squares(ir::Builder& b, Value x) {
  ir::Ints axes;
  for (int64_t i = 0; i < x.rank(); ++i) axes.push_back(i);
  return b.reduce_sum(b.mul(x, x), axes);
}

}  // namespace expansions

}  // namespace dlc
