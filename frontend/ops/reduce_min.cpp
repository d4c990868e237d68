#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

namespace {

Value min_along(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_number(0);
  return c.b.reduce("min", x, axes);
}

}  // namespace

OpSpec reduce_min_spec() {
  return reduce_spec("reduce_min", "The smallest; NaN if one is NaN.", expand_reduce<min_along>);
}

Tensor reduce_min(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) {
  return apply("reduce_min", {x}, reduce_attrs(axis, keepdims), name);
}

}  // namespace dlc
