#include "frontend/ops/reductions.h"

#include <cmath>
#include <limits>

#include "frontend/graph/make_node.h"
#include "frontend/ops/reduce_expand.h"

namespace dlc {

using ir::Value;

namespace expansions {

Value count_along(ir::Builder& b, const ir::Dims& dims, const ir::Ints& axes, DType dtype) {
  ir::Dim n(1);
  for (const int64_t a : axes) n = n * dims[static_cast<size_t>(a)];
  if (n.is_constant()) return b.scalar(dtype, static_cast<double>(n.constant()));
  return b.convert(b.dim_value(n), dtype);
}

Value reduce_mean(ir::Builder& b, Value x, const ir::Ints& axes) {
  const Value sum = b.reduce_sum(x, axes);
  return b.div(sum, b.broadcast_to(count_along(b, x.dims(), axes, x.dtype()), sum.dims()));
}

Value keep_axes(ir::Builder& b, Value reduced, const ir::Dims& dims_of_x, const ir::Ints& axes) {
  ir::Dims dims = dims_of_x;
  for (const int64_t a : axes) dims[static_cast<size_t>(a)] = 1;
  return b.reshape(reduced, dims);
}

Value reduce_variance(ir::Builder& b, Value x, Value mean, const ir::Ints& axes) {
  const Value d = b.sub(x, b.unreduce(mean, x.dims(), axes));
  return reduce_mean(b, b.mul(d, d), axes);
}

}  // namespace expansions

namespace {

using ReduceRule = Value (*)(ExpandContext&, Value x, const ir::Ints& axes);

OpSpec reduce_spec(const char* name, const char* doc, OpSpec::Expand expand) {
  return {.name = name,
          .category = "reductions",
          .doc = doc,
          .operands = {{"x", "any shape"}},
          .attrs = {optional_attr("axis", ir::Ints{}, "the axes that vanish; negative from the end; absent: all"),
                    default_attr("keepdims", false, "axes of size 1 stay in their place")},
          .expand = expand};
}

template <ReduceRule rule>
std::vector<Value> expand_reduce(ExpandContext& c) {
  const Value x = c.operand(0);
  const ir::Ints axes = c.axes_attr("axis", x.rank());
  const Value y = rule(c, x, axes);
  return {c.bool_attr("keepdims") ? expansions::keep_axes(c.b, y, x.dims(), axes) : y};
}

Value sum(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_number(0);
  return c.b.reduce("sum", x, axes);
}
Value prod(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_number(0);
  return c.b.reduce("prod", x, axes);
}
Value max(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_number(0);
  return c.b.reduce("max", x, axes);
}
Value min(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_number(0);
  return c.b.reduce("min", x, axes);
}
Value any(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_bool(0);
  return c.b.reduce("any", x, axes);
}
Value all(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_bool(0);
  return c.b.reduce("all", x, axes);
}
Value mean(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_number(0);
  return expansions::reduce_mean(c.b, x, axes);
}

Value logsumexp(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_float(0);
  // The maximum only moves the exponents; an infinite one would make inf - inf of them.
  const Value largest = c.b.op(ir::OpKind::kStopGradient, {c.b.reduce("max", x, axes)});
  const Value finite = c.b.op(ir::OpKind::kIsFinite, {largest});
  const Value shift = c.b.select(finite, largest, c.b.full_like(largest, 0));
  const Value e = c.b.exp(c.b.sub(x, c.b.unreduce(shift, x.dims(), axes)));
  return c.b.add(c.b.log(c.b.reduce_sum(e, axes)), shift);
}

Value variance(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_float(0);
  return expansions::reduce_variance(c.b, x, expansions::reduce_mean(c.b, x, axes), axes);
}

Value stddev(ExpandContext& c, Value x, const ir::Ints& axes) { return c.b.sqrt(variance(c, x, axes)); }

Value norm_rule(ExpandContext& c, Value x, const ir::Ints& axes) {
  c.need_float(0);
  const double ord = c.float_attr("ord");
  if (!(ord > 0)) c.fail(ErrorCode::kInvalidArgument, "'ord' is {}, needs a number > 0", ord);
  if (ord == 2) return c.b.sqrt(c.b.reduce_sum(c.b.mul(x, x), axes));
  const Value magnitude = c.b.op(ir::OpKind::kAbs, {x});
  if (ord == 1) return c.b.reduce_sum(magnitude, axes);
  if (std::isinf(ord)) return c.b.reduce("max", magnitude, axes);
  const Value powers = c.b.reduce_sum(c.b.pow(magnitude, c.b.full_like(x, ord)), axes);
  return c.b.pow(powers, c.b.full_like(powers, 1 / ord));
}

ir::AttrMap reduce_attrs(const Axes& axis, bool keepdims) {
  ir::AttrMap attrs{{"keepdims", keepdims}};
  if (axis.get()) attrs["axis"] = *axis.get();
  return attrs;
}

}  // namespace

#define DLC_REDUCTION(op, rule, doc)                                                      \
  OpSpec op##_spec() { return reduce_spec(#op, doc, expand_reduce<rule>); }               \
  Tensor op(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) { \
    return apply(#op, {x}, reduce_attrs(axis, keepdims), name);                           \
  }

DLC_REDUCTION(reduce_sum, sum, "The sum; 0 of no elements.")
DLC_REDUCTION(reduce_mean, mean, "The mean; NaN of no elements; of integers rounded towards zero.")
DLC_REDUCTION(reduce_prod, prod, "The product; 1 of no elements.")
DLC_REDUCTION(reduce_max, max, "The largest; NaN if one is NaN.")
DLC_REDUCTION(reduce_min, min, "The smallest; NaN if one is NaN.")
DLC_REDUCTION(reduce_any, any, "Whether any is true.")
DLC_REDUCTION(reduce_all, all, "Whether all are true.")
DLC_REDUCTION(reduce_logsumexp, logsumexp, "log(sum(exp(x))) without overflow.")
DLC_REDUCTION(reduce_variance, variance, "mean((x - mean(x))^2).")
DLC_REDUCTION(reduce_std, stddev, "The root of reduce_variance.")

#undef DLC_REDUCTION

OpSpec norm_spec() {
  OpSpec spec = reduce_spec("norm", "(sum |x|^ord)^(1/ord); ord = inf: max |x|.", expand_reduce<norm_rule>);
  spec.attrs.insert(spec.attrs.begin(), default_attr("ord", 2.0, "> 0"));
  return spec;
}

Tensor norm(const TensorArg& x, double ord, const Axes& axis, bool keepdims, std::string_view name) {
  ir::AttrMap attrs = reduce_attrs(axis, keepdims);
  attrs["ord"] = ord;
  return apply("norm", {x}, std::move(attrs), name);
}

OpSpec moments_spec() {
  return reduce_spec("moments", "Mean and biased variance.", [](ExpandContext& c) {
    c.need_float(0);
    const Value x = c.operand(0);
    const ir::Ints axes = c.axes_attr("axis", x.rank());
    Value m = expansions::reduce_mean(c.b, x, axes);
    Value v = expansions::reduce_variance(c.b, x, m, axes);
    if (c.bool_attr("keepdims")) {
      m = expansions::keep_axes(c.b, m, x.dims(), axes);
      v = expansions::keep_axes(c.b, v, x.dims(), axes);
    }
    return std::vector{m, v};
  });
}

std::pair<Tensor, Tensor> moments(const TensorArg& x, const Axes& axis, bool keepdims, std::string_view name) {
  const Operation op = apply_op("moments", {x}, reduce_attrs(axis, keepdims), name);
  return {op.output(0), op.output(1)};
}

OpSpec l2_loss_spec() {
  return {.name = "l2_loss",
          .category = "losses",
          .doc = "sum(x^2) / 2.",
          .operands = {{"x", "f32 or f64"}},
          .expand = [](ExpandContext& c) {
            c.need_float(0);
            const Value x = c.operand(0);
            ir::Ints axes;
            for (int64_t i = 0; i < x.rank(); ++i) axes.push_back(i);
            return std::vector{c.b.mul(c.b.reduce_sum(c.b.mul(x, x), axes), 0.5)};
          }};
}

Tensor l2_loss(const TensorArg& x, std::string_view name) { return apply("l2_loss", {x}, {}, name); }

}  // namespace dlc
