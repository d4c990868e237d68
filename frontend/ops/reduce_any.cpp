#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

namespace {

Value any_along(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_bool(0);
  return c.b.reduce("any", x, axes);
}

}  // namespace

OpSpec reduce_any_spec() { return reduce_spec("reduce_any", "Whether any is true.", expand_reduce<any_along>); }

Tensor reduce_any(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) {
  return apply("reduce_any", {x}, reduce_attrs(axis, keepdims), name);
}

}  // namespace dlc
