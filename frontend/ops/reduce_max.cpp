#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

namespace {

Value max_along(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_number(0);
  return c.b.reduce("max", x, axes);
}

}  // namespace

OpSpec reduce_max_spec() {
  return reduce_spec("reduce_max", "The largest; NaN if one is NaN.", expand_reduce<max_along>);
}

Tensor reduce_max(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) {
  return apply("reduce_max", {x}, reduce_attrs(axis, keepdims), name);
}

}  // namespace dlc
