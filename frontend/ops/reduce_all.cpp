#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

namespace {

Value all_along(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_bool(0);
  return c.b.reduce("all", x, axes);
}

}  // namespace

OpSpec reduce_all_spec() { return reduce_spec("reduce_all", "Whether all are true.", expand_reduce<all_along>); }

Tensor reduce_all(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) {
  return apply("reduce_all", {x}, reduce_attrs(axis, keepdims), name);
}

}  // namespace dlc
