// reshape transpose expand_dims squeeze broadcast_to: the same elements under other dimensions.
#include <algorithm>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

/// One -1 replaced by what makes the number of elements right.
ir::Dims work_out(ExpandContext& c, const ir::TensorType& x, ir::Dims dims) {
  int unknown = -1;
  ir::Dim known(1);
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i].is(-1)) {
      if (unknown >= 0) c.fail(ErrorCode::kInvalidShape, "'dims' {} has more than one -1", ir::dims_str(dims));
      unknown = static_cast<int>(i);
    } else {
      known = known * dims[i];
    }
  }
  if (unknown < 0) return dims;
  const ir::Dim total = x.num_elements();
  ir::Dim& missing = dims[static_cast<size_t>(unknown)];
  if (known.is(0)) c.fail(ErrorCode::kInvalidShape, "-1 among dims of 0 elements could be anything");
  if (const auto exact = total.divide_exactly(known)) {
    missing = *exact;
  } else if (total.is_constant() && known.is_constant()) {
    c.fail(ErrorCode::kInvalidShape, "the {} elements of {} do not make rows of {}", total, x, known);
  } else {
    missing = ir::Dim::floor_div(total, known);  // the reshape requires that it divides
  }
  return dims;
}

std::vector<Value> expand_reshape(ExpandContext& c) {
  const Value x = c.operand(0);
  if (c.has_operand(1) == c.has_attr("dims"))
    c.fail(ErrorCode::kInvalidArgument, "needs either the attribute 'dims' or the operand 'shape'");
  ir::Dims dims;
  if (c.has_operand(1)) {
    c.need_index(1);
    const std::optional<ir::Dims> known = known_dims(c.operand(1));
    if (!known || c.operand(1).rank() != 1)
      c.fail(
          ErrorCode::kUnimplemented,
          "'shape' {} must be made of shape(), constants and sums or products of them: sizes that depend on data are "
          "not supported",
          c.operand(1).type());
    dims = *known;
  } else {
    dims = c.dims_attr("dims");
  }
  return {c.b.reshape(x, work_out(c, x.type(), std::move(dims)))};
}

std::vector<Value> expand_transpose(ExpandContext& c) {
  const Value x = c.operand(0);
  ir::Ints permutation;
  if (c.has_attr("perm")) {
    for (const int64_t a : c.ints_attr("perm")) permutation.push_back(c.axis("perm", a, x.rank()));
    ir::Ints sorted = permutation;
    std::sort(sorted.begin(), sorted.end());
    const bool twice = std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
    if (static_cast<int64_t>(permutation.size()) != x.rank() || twice)
      c.fail(ErrorCode::kInvalidArgument, "'perm' {} is no permutation of the {} axes of {}",
             ir::attr_str(ir::Attr(c.ints_attr("perm"))), x.rank(), x.type());
  } else {
    for (int64_t i = x.rank(); i-- > 0;) permutation.push_back(i);
  }
  return {c.b.transpose(x, std::move(permutation))};
}

std::vector<Value> expand_expand_dims(ExpandContext& c) {
  const Value x = c.operand(0);
  ir::Dims dims = x.dims();
  dims.insert(dims.begin() + c.axis_attr("axis", x.rank() + 1), 1);
  return {c.b.reshape(x, std::move(dims))};
}

std::vector<Value> expand_squeeze(ExpandContext& c) {
  const Value x = c.operand(0);
  const bool given = c.has_attr("axis");
  const ir::Ints axes = c.axes_attr("axis", x.rank());
  ir::Dims dims;
  for (int64_t i = 0; i < x.rank(); ++i) {
    const ir::Dim& d = x.type().dim(i);
    const bool named = given && std::binary_search(axes.begin(), axes.end(), i);
    if (named) c.require(d, 1, fmt::format("axis {} of {} is squeezed", i, x.type()));
    if (!(given ? named : d.is(1))) dims.push_back(d);
  }
  return {c.b.reshape(x, std::move(dims))};
}

std::vector<Value> expand_broadcast_to(ExpandContext& c) {
  const Value x = c.operand(0);
  const ir::Dims& dims = c.dims_attr("dims");
  const ir::Dims common = value_or_throw(c.b.broadcast_dims(x.dims(), dims));
  if (common.size() != dims.size())
    c.fail(ErrorCode::kInvalidShape, "{} does not stretch to {}", x.type(), ir::dims_str(dims));
  for (size_t i = 0; i < dims.size(); ++i)
    if (!(common[i] == dims[i]) && dims[i].is(1))
      c.fail(ErrorCode::kInvalidShape, "{} does not stretch to {}", x.type(), ir::dims_str(dims));
  return {c.b.broadcast_to(x, common)};
}

}  // namespace

OpSpec reshape_spec() {
  return {.name = "reshape",
          .category = "shapes",
          .doc = "The same elements in row-major order under other dimensions; one -1 is worked out.",
          .operands = {{"x", "any type"},
                       {.name = "shape", .doc = "i32 or i64, made of shape()s", .optional = true, .dtype_group = -1}},
          .attrs = {optional_attr("dims", ir::Dims{}, "sizes, symbols, one -1")},
          .expand = expand_reshape};
}
OpSpec transpose_spec() {
  return {.name = "transpose",
          .category = "shapes",
          .doc = "Axis i of the result is axis perm[i] of x.",
          .operands = {{"x", "any type"}},
          .attrs = {optional_attr("perm", ir::Ints{}, "absent: the axes in reverse order")},
          .expand = expand_transpose};
}
OpSpec expand_dims_spec() {
  return {.name = "expand_dims",
          .category = "shapes",
          .doc = "x with an axis of size 1 at `axis`.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("axis", int64_t{0}, "place in the result; negative from its end")},
          .expand = expand_expand_dims};
}
OpSpec squeeze_spec() {
  return {.name = "squeeze",
          .category = "shapes",
          .doc = "x without these axes, which have size 1.",
          .operands = {{"x", "any type"}},
          .attrs = {optional_attr("axis", ir::Ints{}, "absent: all that are known to have size 1")},
          .expand = expand_squeeze};
}
OpSpec broadcast_to_spec() {
  return {.name = "broadcast_to",
          .category = "shapes",
          .doc = "x stretched to `dims` by NumPy's rule.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("dims", ir::Dims{}, "sizes, or symbols of placeholders")},
          .expand = expand_broadcast_to};
}

Tensor reshape(const TensorArg& x, const DimsArg& dims, std::string_view name) {
  Expected<ir::Dims> resolved = dims.resolve_with_minus_one();
  if (!resolved) throw Exception(std::move(resolved).error().at(x.where()));
  return apply("reshape", {x}, {{"dims", std::move(resolved).value()}}, name);
}
Tensor reshape(const TensorArg& x, const Tensor& dims, std::string_view name) {
  return apply("reshape", {x, TensorArg(dims, x.source_location())}, {}, name);
}
Tensor transpose(const TensorArg& x, const Axes& perm, std::string_view name) {
  ir::AttrMap attrs;
  if (perm.get()) attrs["perm"] = *perm.get();
  return apply("transpose", {x}, std::move(attrs), name);
}
Tensor expand_dims(const TensorArg& x, int64_t axis, std::string_view name) {
  return apply("expand_dims", {x}, {{"axis", axis}}, name);
}
Tensor squeeze(const TensorArg& x, const Axes& axis, std::string_view name) {
  ir::AttrMap attrs;
  if (axis.get()) attrs["axis"] = *axis.get();
  return apply("squeeze", {x}, std::move(attrs), name);
}
Tensor broadcast_to(const TensorArg& x, const DimsArg& dims, std::string_view name) {
  Graph graph = x.tensor() ? x.tensor()->graph() : default_graph();
  Expected<ir::Dims> resolved = dims.resolve(graph);
  if (!resolved) throw Exception(std::move(resolved).error().at(x.where()));
  return apply("broadcast_to", {x}, {{"dims", std::move(resolved).value()}}, name);
}

}  // namespace dlc
