#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

namespace {

Value sum_along(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_number(0);
  return c.b.reduce("sum", x, axes);
}

}  // namespace

OpSpec reduce_sum_spec() { return reduce_spec("reduce_sum", "The sum; 0 of no elements.", expand_reduce<sum_along>); }

Tensor reduce_sum(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) {
  return apply("reduce_sum", {x}, reduce_attrs(axis, keepdims), name);
}

}  // namespace dlc
