#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

namespace {

Value mean_along(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_number(0);
  return expansions::reduce_mean(c.b, x, axes);
}

}  // namespace

OpSpec reduce_mean_spec() {
  return reduce_spec("reduce_mean",
                     "The mean; NaN of no elements; of integers rounded towards zero, and of none a failed run.",
                     expand_reduce<mean_along>);
}

Tensor reduce_mean(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) {
  return apply("reduce_mean", {x}, reduce_attrs(axis, keepdims), name);
}

}  // namespace dlc
