#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

OpSpec moments_spec() {
  return reduce_spec("moments", "Mean and biased variance.", [](ExpandContext& c) {
    c.need_float(0);
    const Value x = c.operand(0);
    const ir::Ints axes = c.axes_attr("axis", x.rank());
    Value m = expansions::reduce_mean(c.b, x, axes);
    Value v = expansions::reduce_variance(c.b, x, m, axes);
    if (c.bool_attr("keepdims")) {
      m = expansions::keep_axes(c.b, m, x.dims(), axes);
      v = expansions::keep_axes(c.b, v, x.dims(), axes);
    }
    return std::vector{m, v};
  });
}

std::pair<Tensor, Tensor> moments(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) {
  const Operation op = apply_op("moments", {x}, reduce_attrs(axis, keepdims), name);
  return {op.output(0), op.output(1)};
}

}  // namespace dlc
