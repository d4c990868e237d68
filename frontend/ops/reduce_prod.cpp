#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

namespace {

Value prod_along(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_number(0);
  return c.b.reduce("prod", x, axes);
}

}  // namespace

OpSpec reduce_prod_spec() {
  return reduce_spec("reduce_prod", "The product; 1 of no elements.", expand_reduce<prod_along>);
}

Tensor reduce_prod(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) {
  return apply("reduce_prod", {x}, reduce_attrs(axis, keepdims), name);
}

}  // namespace dlc
