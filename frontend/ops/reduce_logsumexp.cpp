#include "frontend/ops/reduce.h"

namespace dlc {

using ir::Value;

namespace {

Value logsumexp_along(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_float(0);
  // The maximum only moves the exponents; an infinite one would make inf - inf of them.
  const Value largest = c.b.op(ir::OpKind::kStopGradient, {c.b.reduce("max", x, axes)});
  const Value finite = c.b.op(ir::OpKind::kIsFinite, {largest});
  const Value shift = c.b.select(finite, largest, c.b.full_like(largest, 0));
  const Value e = c.b.exp(c.b.sub(x, c.b.unreduce(shift, x.dims(), axes)));
  return c.b.add(c.b.log(c.b.reduce_sum(e, axes)), shift);
}

}  // namespace

OpSpec reduce_logsumexp_spec() {
  return reduce_spec("reduce_logsumexp", "log(sum(exp(x))) without overflow.", expand_reduce<logsumexp_along>);
}

Tensor reduce_logsumexp(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) {
  return apply("reduce_logsumexp", {x}, reduce_attrs(axis, keepdims), name);
}

}  // namespace dlc
