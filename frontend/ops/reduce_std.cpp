#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

namespace {

Value stddev_along(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_float(0);
  return c.b.sqrt(expansions::reduce_variance(c.b, x, expansions::reduce_mean(c.b, x, axes), axes));
}

}  // namespace

OpSpec reduce_std_spec() {
  return reduce_spec("reduce_std", "The root of reduce_variance.", expand_reduce<stddev_along>);
}

Tensor reduce_std(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) {
  return apply("reduce_std", {x}, reduce_attrs(axis, keepdims), name);
}

}  // namespace dlc
