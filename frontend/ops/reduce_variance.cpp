#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

namespace {

Value variance_along(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_float(0);
  return expansions::reduce_variance(c.b, x, expansions::reduce_mean(c.b, x, axes), axes);
}

}  // namespace

OpSpec reduce_variance_spec() {
  return reduce_spec("reduce_variance", "mean((x - mean(x))^2).", expand_reduce<variance_along>);
}

Tensor reduce_variance(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) {
  return apply("reduce_variance", {x}, reduce_attrs(axis, keepdims), name);
}

}  // namespace dlc
