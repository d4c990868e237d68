// concat stack unstack split tile pad reverse.
#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

/// All of one element type and rank.
void need_alike(ExpandContext& c, std::span<const Value> xs) {
  if (xs.empty()) c.fail(ErrorCode::kInvalidArgument, "needs at least one value");
  for (const Value& x : xs)
    if (x.dtype() != xs[0].dtype() || x.rank() != xs[0].rank())
      c.fail(ErrorCode::kInvalidShape, "values need one element type and rank, got {} and {}", xs[0].type(), x.type());
}

std::vector<Value> expand_concat(ExpandContext& c) {
  const std::span<const Value> xs = c.list(0);
  need_alike(c, xs);
  if (xs[0].rank() == 0) c.fail(ErrorCode::kInvalidShape, "needs rank >= 1, got {}; stack joins scalars", xs[0].type());
  const int64_t axis = c.axis_attr("axis", xs[0].rank());
  for (const Value& x : xs)
    for (int64_t i = 0; i < x.rank(); ++i)
      if (i != axis)
        c.require(xs[0].type().dim(i), x.type().dim(i),
                  fmt::format("concat of {} and {} along axis {}, axis {}", xs[0].type(), x.type(), axis, i));
  return {c.b.concat(xs, axis)};
}

std::vector<Value> expand_stack(ExpandContext& c) {
  const std::span<const Value> xs = c.list(0);
  need_alike(c, xs);
  const int64_t axis = c.axis_attr("axis", xs[0].rank() + 1);
  std::vector<Value> rows;
  for (const Value& x : xs) {
    for (int64_t i = 0; i < x.rank(); ++i)
      c.require(xs[0].type().dim(i), x.type().dim(i), fmt::format("stack of {} and {}", xs[0].type(), x.type()));
    ir::Dims dims = xs[0].dims();
    dims.insert(dims.begin() + axis, 1);
    rows.push_back(c.b.reshape(x, std::move(dims)));
  }
  return {c.b.concat(rows, axis)};
}

Value part(ExpandContext& c, Value x, int64_t axis, const ir::Dim& from, const ir::Dim& to) {
  ir::Dims start(x.dims().size(), 0), limit = x.dims();
  start[static_cast<size_t>(axis)] = from;
  limit[static_cast<size_t>(axis)] = to;
  return c.b.slice(x, std::move(start), std::move(limit), ir::Ints(x.dims().size(), 1));
}

std::vector<Value> expand_unstack(ExpandContext& c) {
  c.need_rank_at_least(0, 1);
  const Value x = c.operand(0);
  const int64_t axis = c.axis_attr("axis", x.rank());
  const ir::Dim& n = x.type().dim(axis);
  if (!n.is_constant())
    c.fail(ErrorCode::kInvalidShape, "axis {} of {} needs a size that is a number: it says how many results there are",
           axis, x.type());
  std::vector<Value> out;
  for (int64_t i = 0; i < n.constant(); ++i) {
    ir::Dims dims = x.dims();
    dims.erase(dims.begin() + axis);
    out.push_back(c.b.reshape(part(c, x, axis, i, i + 1), std::move(dims)));
  }
  return out;
}

std::vector<Value> expand_split(ExpandContext& c) {
  c.need_rank_at_least(0, 1);
  const Value x = c.operand(0);
  const int64_t axis = c.axis_attr("axis", x.rank());
  const ir::Dim& n = x.type().dim(axis);
  const ir::Ints& given = c.ints_attr("num_or_size_splits");
  std::vector<ir::Dim> sizes(given.begin(), given.end());
  if (given.size() == 1) {
    if (given[0] < 1)
      c.fail(ErrorCode::kInvalidArgument, "'num_or_size_splits' is {}, needs at least 1 part", given[0]);
    if (n.is_constant() && n.constant() % given[0] != 0)
      c.fail(ErrorCode::kInvalidShape, "axis {} of {} does not make {} equal parts", axis, x.type(), given[0]);
    const ir::Dim each = ir::Dim::floor_div(n, given[0]);
    c.require(each * given[0], n, fmt::format("axis {} of {} in {} equal parts", axis, x.type(), given[0]));
    sizes.assign(static_cast<size_t>(given[0]), each);
  }
  ir::Dim sum(0);
  for (const ir::Dim& s : sizes) sum = sum + s;
  if (given.size() != 1) c.require(sum, n, fmt::format("the sizes of the parts and axis {} of {}", axis, x.type()));
  std::vector<Value> out;
  ir::Dim at(0);
  for (const ir::Dim& s : sizes) {
    out.push_back(part(c, x, axis, at, at + s));
    at = at + s;
  }
  return out;
}

std::vector<Value> expand_tile(ExpandContext& c) {
  Value x = c.operand(0);
  const ir::Ints& multiples = c.ints_attr("multiples");
  if (static_cast<int64_t>(multiples.size()) != x.rank())
    c.fail(ErrorCode::kInvalidShape, "'multiples' needs one entry per axis of {}, got {}", x.type(), multiples.size());
  // [a, b] -> [1, a, 1, b] stretched to [m, a, k, b], whose rows are in the right order.
  ir::Dims stretched, result;
  ir::Ints axes;
  for (size_t i = 0; i < multiples.size(); ++i) {
    if (multiples[i] < 0) c.fail(ErrorCode::kInvalidArgument, "'multiples' has {}, needs numbers >= 0", multiples[i]);
    stretched.push_back(multiples[i]);
    stretched.push_back(x.dims()[i]);
    axes.push_back(static_cast<int64_t>(2 * i + 1));
    result.push_back(x.dims()[i] * multiples[i]);
  }
  return {c.b.reshape(c.b.broadcast(x, stretched, axes), std::move(result))};
}

std::vector<Value> expand_pad(ExpandContext& c) {
  const Value x = c.operand(0);
  const ir::Ints& paddings = c.ints_attr("paddings");
  if (static_cast<int64_t>(paddings.size()) != 2 * x.rank())
    c.fail(ErrorCode::kInvalidShape, "'paddings' needs two entries per axis of {}, got {}", x.type(), paddings.size());
  ir::Dims low, high;
  for (size_t i = 0; i < paddings.size(); ++i) {
    if (paddings[i] < 0) c.fail(ErrorCode::kInvalidArgument, "'paddings' has {}, needs numbers >= 0", paddings[i]);
    (i % 2 == 0 ? low : high).push_back(paddings[i]);
  }
  return {c.b.op(ir::OpKind::kPad, {x, c.b.scalar(x.dtype(), c.float_attr("constant_value"))},
                 {{"low", low}, {"high", high}, {"interior", ir::Ints(x.dims().size(), 0)}})};
}

}  // namespace

OpSpec concat_spec() {
  return {.name = "concat",
          .category = "shapes",
          .doc = "Joined along an axis.",
          .operands = {{.name = "values", .doc = "of one type but for the axis", .variadic = true}},
          .attrs = {required_attr("axis", int64_t{0}, "negative from the end")},
          .expand = expand_concat};
}
OpSpec stack_spec() {
  return {.name = "stack",
          .category = "shapes",
          .doc = "Joined along a new axis.",
          .operands = {{.name = "values", .doc = "of one type", .variadic = true}},
          .attrs = {default_attr("axis", int64_t{0}, "the new one; negative from the end of the result")},
          .expand = expand_stack};
}
OpSpec unstack_spec() {
  return {.name = "unstack",
          .category = "shapes",
          .doc = "The slices along an axis, which vanishes.",
          .operands = {{"x", "rank >= 1"}},
          .attrs = {default_attr("axis", int64_t{0}, "of a size that is a number")},
          .expand = expand_unstack};
}
OpSpec split_spec() {
  return {.name = "split",
          .category = "shapes",
          .doc = "Equal parts along an axis, or parts of these sizes.",
          .operands = {{"x", "rank >= 1"}},
          .attrs = {required_attr("num_or_size_splits", ir::Ints{}, "one: how many equal parts; more: their sizes"),
                    default_attr("axis", int64_t{0}, "negative from the end")},
          .expand = expand_split};
}
OpSpec tile_spec() {
  return {.name = "tile",
          .category = "shapes",
          .doc = "multiples[i] copies along axis i.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("multiples", ir::Ints{}, "one per axis")},
          .expand = expand_tile};
}
OpSpec pad_spec() {
  return {.name = "pad",
          .category = "shapes",
          .doc = "x with a border.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("paddings", ir::Ints{}, "before and after, for each axis in turn"),
                    default_attr("constant_value", 0.0, "of the border")},
          .expand = expand_pad};
}
OpSpec reverse_spec() {
  return {.name = "reverse",
          .category = "shapes",
          .doc = "Backwards along these axes.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("axis", ir::Ints{}, "negative from the end")},
          .expand = [](ExpandContext& c) {
            const Value x = c.operand(0);
            const ir::Ints axes = c.axes_attr("axis", x.rank());
            return std::vector{axes.empty() ? x : c.b.op(ir::OpKind::kReverse, {x}, {{"axes", axes}})};
          }};
}

Tensor concat(const std::vector<TensorArg>& values, int64_t axis, std::string_view name) {
  return apply("concat", {OperandArg(values)}, {{"axis", axis}}, name);
}
Tensor stack(const std::vector<TensorArg>& values, int64_t axis, std::string_view name) {
  return apply("stack", {OperandArg(values)}, {{"axis", axis}}, name);
}
std::vector<Tensor> unstack(const TensorArg& x, int64_t axis, std::string_view name) {
  return apply_op("unstack", {x}, {{"axis", axis}}, name).outputs();
}
std::vector<Tensor> split(const TensorArg& x, int64_t num_splits, int64_t axis, std::string_view name) {
  return apply_op("split", {x}, {{"num_or_size_splits", ir::Ints{num_splits}}, {"axis", axis}}, name).outputs();
}
std::vector<Tensor> split(const TensorArg& x, const std::vector<int64_t>& sizes, int64_t axis, std::string_view name) {
  if (sizes.size() < 2)
    throw Exception(
        make_error(ErrorCode::kInvalidArgument, "split: needs the sizes of two parts or more, got {}", sizes.size())
            .at(x.where()));
  return apply_op("split", {x}, {{"num_or_size_splits", sizes}, {"axis", axis}}, name).outputs();
}
Tensor tile(const TensorArg& x, const std::vector<int64_t>& multiples, std::string_view name) {
  return apply("tile", {x}, {{"multiples", multiples}}, name);
}
Tensor pad(const TensorArg& x, const std::vector<std::pair<int64_t, int64_t>>& paddings, double constant_value,
           std::string_view name) {
  ir::Ints flat;
  for (const auto& [before, after] : paddings) {
    flat.push_back(before);
    flat.push_back(after);
  }
  return apply("pad", {x}, {{"paddings", std::move(flat)}, {"constant_value", constant_value}}, name);
}
Tensor reverse(const TensorArg& x, const Axes& axis, std::string_view name) {
  ir::AttrMap attrs;
  if (axis.get()) {
    attrs["axis"] = *axis.get();
  } else if (const Tensor* t = x.tensor()) {
    ir::Ints all;
    for (int64_t i = 0; i < t->rank(); ++i) all.push_back(i);
    attrs["axis"] = std::move(all);
  }
  return apply("reverse", {x}, std::move(attrs), name);
}

}  // namespace dlc
