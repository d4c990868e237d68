// bias_add l2_normalize clip_by_norm global_norm clip_by_global_norm.
#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/nn.h"

namespace dlc {

using ir::Value;

namespace {

Value sum_of_squares(ExpandContext& c, Value x) {
  ir::Ints axes;
  for (int64_t i = 0; i < x.rank(); ++i) axes.push_back(i);
  return c.b.reduce_sum(c.b.mul(x, x), axes);
}

Value global_norm(ExpandContext& c, std::span<const Value> xs) {
  if (xs.empty()) c.fail(ErrorCode::kInvalidArgument, "needs at least one tensor");
  Value sum = sum_of_squares(c, xs[0]);
  for (const Value& x : xs.subspan(1)) {
    if (x.dtype() != sum.dtype())
      c.fail(ErrorCode::kInvalidType, "operands need one element type, got {} and {}", xs[0].type(), x.type());
    sum = c.b.add(sum, sum_of_squares(c, x));
  }
  return c.b.sqrt(sum);
}

/// Operand `i`: rank 0, in the element type of x.
Value scalar_operand(ExpandContext& c, int i, DType dtype) {
  const Value v = c.operand(i);
  if (v.rank() != 0 || v.dtype() != dtype)
    c.fail(ErrorCode::kInvalidShape, "'{}' needs {}[], got {}", c.node().spec->operands[static_cast<size_t>(i)].name,
           dtype, v.type());
  return v;
}

std::vector<Value> expand_clip_by_norm(ExpandContext& c) {
  c.need_float(0);
  const Value x = c.operand(0), limit = scalar_operand(c, 1, x.dtype());
  const ir::Ints axes = c.axes_attr("axis", x.rank());
  const Value norm = c.b.sqrt(c.b.reduce_sum(c.b.mul(x, x), axes));
  const Value bound = c.b.broadcast_to(limit, norm.dims());
  const Value scale = c.b.div(bound, c.b.max(norm, bound));
  return {c.b.mul(x, c.b.unreduce(scale, x.dims(), axes))};
}

std::vector<Value> expand_clip_by_global_norm(ExpandContext& c) {
  const Value norm = global_norm(c, c.list(0));
  const Value limit = scalar_operand(c, 1, norm.dtype());
  const Value scale = c.b.div(limit, c.b.max(norm, limit));
  std::vector<Value> out;
  for (const Value& x : c.list(0)) out.push_back(c.b.mul(x, c.b.broadcast_to(scale, x.dims())));
  out.push_back(norm);
  return out;
}

}  // namespace

OpSpec bias_add_spec() {
  return {.name = "bias_add",
          .category = "arithmetic",
          .doc = "x plus bias along the last axis.",
          .operands = {{"x", "rank >= 1"}, {"bias", "rank 1, of the size of the last axis"}},
          .expand = [](ExpandContext& c) {
            c.need_number(0);
            c.need_same_dtype(0, 1);
            c.need_rank_at_least(0, 1);
            const Value x = c.operand(0), bias = c.operand(1);
            if (bias.rank() != 1) c.fail(ErrorCode::kInvalidShape, "'bias' needs rank 1, got {}", bias.type());
            c.require(x.dims().back(), bias.dims()[0],
                      fmt::format("the last axis of {} and the bias {}", x.type(), bias.type()));
            return std::vector{c.b.add(x, c.b.broadcast_to(c.b.reshape(bias, {x.dims().back()}), x.dims()))};
          }};
}

OpSpec l2_normalize_spec() {
  return {.name = "l2_normalize",
          .category = "linear algebra",
          .doc = "x / sqrt(max(sum(x^2), epsilon)) along `axis`.",
          .operands = {{"x", "f32 or f64"}},
          .attrs = {optional_attr("axis", ir::Ints{}, "absent: all"), default_attr("epsilon", 1e-12, "> 0")},
          .expand = [](ExpandContext& c) {
            c.need_float(0);
            const Value x = c.operand(0);
            const ir::Ints axes = c.axes_attr("axis", x.rank());
            const Value sum = c.b.reduce_sum(c.b.mul(x, x), axes);
            const Value scale = c.b.rsqrt(c.b.max(sum, c.b.full_like(sum, c.float_attr("epsilon"))));
            return std::vector{c.b.mul(x, c.b.unreduce(scale, x.dims(), axes))};
          }};
}

OpSpec clip_by_norm_spec() {
  return {.name = "clip_by_norm",
          .category = "training",
          .doc = "x, scaled down to norm clip_norm where its norm over `axis` is larger.",
          .operands = {{"x", "f32 or f64"}, {"clip_norm", "rank 0, > 0"}},
          .attrs = {optional_attr("axis", ir::Ints{}, "absent: all")},
          .expand = expand_clip_by_norm};
}

OpSpec global_norm_spec() {
  return {.name = "global_norm",
          .category = "training",
          .doc = "The root of the sum of the squares of all elements of all tensors.",
          .operands = {{.name = "xs", .doc = "f32 or f64, one element type", .variadic = true}},
          .expand = [](ExpandContext& c) { return std::vector{global_norm(c, c.list(0))}; }};
}

OpSpec clip_by_global_norm_spec() {
  return {
      .name = "clip_by_global_norm",
      .category = "training",
      .doc = "All scaled by one number, so that their global norm is at most clip_norm; then that norm from before.",
      .operands = {{.name = "xs", .doc = "f32 or f64, one element type", .variadic = true},
                   {"clip_norm", "rank 0, > 0"}},
      .expand = expand_clip_by_global_norm};
}

namespace {

ir::AttrMap axis_attrs(const Axes& axis) {
  if (!axis.get()) return {};
  return {{"axis", *axis.get()}};
}

}  // namespace

Tensor bias_add(const TensorArg& x, const TensorArg& bias, std::string_view name) {
  return apply("bias_add", {x, bias}, {}, name);
}
Tensor l2_normalize(const TensorArg& x, const Axes& axis, double epsilon, std::string_view name) {
  ir::AttrMap attrs = axis_attrs(axis);
  attrs["epsilon"] = epsilon;
  return apply("l2_normalize", {x}, std::move(attrs), name);
}
Tensor clip_by_norm(const TensorArg& x, const TensorArg& clip_norm, const Axes& axis, std::string_view name) {
  return apply("clip_by_norm", {x, clip_norm}, axis_attrs(axis), name);
}
Tensor global_norm(const std::vector<Tensor>& xs, std::string_view name, std::source_location loc) {
  return apply("global_norm", {OperandArg(xs, loc)}, {}, name);
}
Clipped clip_by_global_norm(const std::vector<Tensor>& xs, const TensorArg& clip_norm, std::string_view name) {
  std::vector<Tensor> out =
      apply_op("clip_by_global_norm", {OperandArg(xs, clip_norm.source_location()), clip_norm}, {}, name).outputs();
  const Tensor norm = out.back();
  out.pop_back();
  return {std::move(out), norm};
}

}  // namespace dlc
