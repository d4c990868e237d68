#include <cmath>

#include "frontend/ops/norms.h"
#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

namespace {

Value norm_along(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_float(0);
  const double ord = c.float_attr("ord");
  if (!(ord > 0)) c.fail(ErrorCode::kInvalidArgument, "'ord' is {}, needs a number > 0", ord);
  if (ord == 2) return expansions::root_of_squares(c.b, c.b.reduce_sum(c.b.mul(x, x), axes));
  const Value magnitude = c.b.op(ir::OpKind::kAbs, {x});
  if (ord == 1) return c.b.reduce_sum(magnitude, axes);
  if (std::isinf(ord)) {
    const Value largest = c.b.reduce("max", magnitude, axes);
    return c.b.max(largest, c.b.full_like(largest, 0));  // of no elements: 0
  }
  const Value powers = c.b.reduce_sum(c.b.pow(magnitude, c.b.full_like(x, ord)), axes);
  const Value positive = c.b.compare("gt", powers, c.b.full_like(powers, 0));
  const Value root = c.b.pow(c.b.select(positive, powers, c.b.full_like(powers, 1)), c.b.full_like(powers, 1 / ord));
  return c.b.select(positive, root, powers);
}

}  // namespace

OpSpec norm_spec() {
  OpSpec spec = reduce_spec("norm", "(sum |x|^ord)^(1/ord); ord = inf: max |x|. Its gradient at 0 is 0.",
                            expand_reduce<norm_along>);
  spec.attrs.insert(spec.attrs.begin(), default_attr("ord", 2.0, "> 0"));
  return spec;
}

Tensor norm(const TensorArg& x, double ord, const Axes& axis, bool keepdims, std::string_view name) {
  ir::AttrMap attrs = reduce_attrs(axis, keepdims);
  attrs["ord"] = ord;
  return apply("norm", {x}, std::move(attrs), name);
}

}  // namespace dlc
