// gather one_hot range eye shape size rank zeros_like ones_like.
#include <cmath>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

Value iota(ExpandContext& c, ir::Dims dims, DType dtype, int64_t axis) {
  return c.b.op(ir::OpKind::kIota, {}, {{"dims", std::move(dims)}, {"dtype", dtype}, {"axis", axis}});
}

std::vector<Value> expand_gather(ExpandContext& c) {
  c.need_index(1);
  c.need_rank_at_least(0, 1);
  return {
      c.b.op(ir::OpKind::kGather, {c.operand(0), c.operand(1)}, {{"axis", c.axis_attr("axis", c.operand(0).rank())}})};
}

std::vector<Value> expand_one_hot(ExpandContext& c) {
  c.need_integer(0);
  const Value indices = c.operand(0);
  const int64_t depth = c.int_attr("depth"), axis = c.axis_attr("axis", indices.rank() + 1);
  if (depth < 0) c.fail(ErrorCode::kInvalidArgument, "'depth' is {}, needs a number >= 0", depth);
  ir::Dims dims = indices.dims();
  dims.insert(dims.begin() + axis, depth);
  ir::Ints kept;
  for (int64_t i = 0; i <= indices.rank(); ++i)
    if (i != axis) kept.push_back(i);
  const Value wanted = c.b.broadcast(indices, dims, kept);
  const ir::TensorType type{c.dtype_attr("dtype"), dims};
  const Value hit = c.b.compare("eq", wanted, iota(c, dims, indices.dtype(), axis));
  return {c.b.select(hit, c.b.full(type, c.float_attr("on_value")), c.b.full(type, c.float_attr("off_value")))};
}

std::vector<Value> expand_range(ExpandContext& c) {
  const DType dtype = c.dtype_attr("dtype");
  const double start = c.float_attr("start"), limit = c.float_attr("limit"), delta = c.float_attr("delta");
  if (!is_number(dtype)) c.fail(ErrorCode::kInvalidType, "'dtype' needs a number type, got {}", dtype);
  if (!(delta != 0) || !std::isfinite(start) || !std::isfinite(limit) || !std::isfinite(delta))
    c.fail(ErrorCode::kInvalidArgument, "start {}, limit {} and delta {} must be finite, delta not 0", start, limit,
           delta);
  const double count = std::max(0.0, std::ceil((limit - start) / delta));
  if (count > 1e9) c.fail(ErrorCode::kResourceExhausted, "a range of {} elements", count);
  const Value i = iota(c, {ir::Dim(static_cast<int64_t>(count))}, dtype, 0);
  const Value scaled = delta == 1 ? i : c.b.mul(i, delta);
  return {start == 0 ? scaled : c.b.add(scaled, start)};
}

std::vector<Value> expand_eye(ExpandContext& c) {
  const int64_t rows = c.int_attr("num_rows"), columns = c.has_attr("num_columns") ? c.int_attr("num_columns") : rows;
  if (rows < 0 || columns < 0) c.fail(ErrorCode::kInvalidArgument, "{} rows of {}: needs numbers >= 0", rows, columns);
  const ir::Dims dims{rows, columns};
  const Value diagonal = c.b.compare("eq", iota(c, dims, kInt64, 0), iota(c, dims, kInt64, 1));
  return {c.b.convert(diagonal, c.dtype_attr("dtype"))};
}

DType index_type(ExpandContext& c) {
  const DType t = c.dtype_attr("out_type");
  if (t != kInt32 && t != kInt64) c.fail(ErrorCode::kInvalidType, "'out_type' needs i32 or i64, got {}", t);
  return t;
}

std::vector<Value> expand_shape(ExpandContext& c) {
  const DType t = index_type(c);
  const Value x = c.operand(0);
  if (x.rank() == 0) return {c.b.convert(c.b.constant(Array(kInt64, {0})), t)};
  std::vector<Value> sizes;
  for (const ir::Dim& d : x.dims()) sizes.push_back(c.b.reshape(c.b.dim_value(d), {1}));
  return {c.b.convert(sizes.size() == 1 ? sizes[0] : c.b.concat(sizes, 0), t)};
}

std::vector<Value> expand_like(ExpandContext& c, double value) {
  const Value x = c.operand(0);
  return {c.b.full(x.type().with(c.has_attr("dtype") ? c.dtype_attr("dtype") : x.dtype()), value)};
}

OpSpec like_spec(const char* name, const char* doc, OpSpec::Expand expand) {
  return {.name = name,
          .category = "sources",
          .doc = doc,
          .operands = {{"x", "any type"}},
          .attrs = {optional_attr("dtype", kFloat32, "absent: that of x")},
          .expand = expand};
}

}  // namespace

OpSpec gather_spec() {
  return {.name = "gather",
          .category = "shapes",
          .doc = "The slices of x along `axis` that `indices` names; one outside [0, size) fails the run.",
          .operands = {{"x", "rank >= 1"}, {.name = "indices", .doc = "i32 or i64", .dtype_group = -1}},
          .attrs = {default_attr("axis", int64_t{0}, "negative from the end")},
          .expand = expand_gather};
}
OpSpec one_hot_spec() {
  return {.name = "one_hot",
          .category = "shapes",
          .doc = "on_value at each index, off_value elsewhere; an index outside [0, depth) gives off_value only.",
          .operands = {{.name = "indices", .doc = "integers", .dtype_group = -1}},
          .attrs = {required_attr("depth", int64_t{0}, "size of the new axis"),
                    default_attr("on_value", 1.0, "at the index"), default_attr("off_value", 0.0, "elsewhere"),
                    default_attr("axis", int64_t{-1}, "the new one, in the result"),
                    default_attr("dtype", kFloat32, "of the result")},
          .expand = expand_one_hot};
}
OpSpec range_spec() {
  return {.name = "range",
          .category = "sources",
          .doc = "start, start + delta, ..., limit not included.",
          .attrs = {required_attr("start", 0.0, "the first"), required_attr("limit", 0.0, "not reached"),
                    default_attr("delta", 1.0, "not 0"), default_attr("dtype", kInt32, "a number type")},
          .expand = expand_range};
}
OpSpec eye_spec() {
  return {.name = "eye",
          .category = "sources",
          .doc = "1 on the diagonal of a matrix, 0 elsewhere.",
          .attrs = {required_attr("num_rows", int64_t{0}, ">= 0"),
                    optional_attr("num_columns", int64_t{0}, "absent: num_rows"),
                    default_attr("dtype", kFloat32, "of the result")},
          .expand = expand_eye};
}
OpSpec shape_spec() {
  return {.name = "shape",
          .category = "shapes",
          .doc = "The sizes of x, as values.",
          .operands = {{"x", "any type"}},
          .attrs = {default_attr("out_type", kInt32, "i32 or i64")},
          .expand = expand_shape};
}
OpSpec size_spec() {
  return {.name = "size",
          .category = "shapes",
          .doc = "The number of elements of x, as a value.",
          .operands = {{"x", "any type"}},
          .attrs = {default_attr("out_type", kInt32, "i32 or i64")},
          .expand = [](ExpandContext& c) {
            return std::vector{c.b.convert(c.b.dim_value(c.operand(0).type().num_elements()), index_type(c))};
          }};
}
OpSpec rank_spec() {
  return {.name = "rank",
          .category = "shapes",
          .doc = "The number of axes of x, as a value.",
          .operands = {{"x", "any type"}},
          .expand = [](ExpandContext& c) {
            return std::vector{c.b.constant(Array::scalar(static_cast<int32_t>(c.operand(0).rank())))};
          }};
}
OpSpec zeros_like_spec() {
  return like_spec("zeros_like", "0 everywhere, with the dimensions of x.",
                   [](ExpandContext& c) { return expand_like(c, 0); });
}
OpSpec ones_like_spec() {
  return like_spec("ones_like", "1 everywhere, with the dimensions of x.",
                   [](ExpandContext& c) { return expand_like(c, 1); });
}

Tensor gather(const TensorArg& x, const TensorArg& indices, int64_t axis, std::string_view name) {
  return apply("gather", {x, indices}, {{"axis", axis}}, name);
}
Tensor one_hot(const TensorArg& indices, int64_t depth, const OneHotOptions& options) {
  return apply("one_hot", {indices},
               {{"depth", depth},
                {"on_value", options.on_value},
                {"off_value", options.off_value},
                {"axis", options.axis},
                {"dtype", options.dtype}},
               options.name);
}
Tensor range(const Literal& start, const Literal& limit, const Literal& delta, std::optional<DType> dtype,
             std::string_view name, std::source_location loc) {
  const DType natural = Literal({start, limit, delta}).natural_dtype();
  const auto number = [&](const Literal& l) { return value_or_throw(l.to_array(kFloat64)).item<double>(); };
  return apply_at(loc, "range",
                  {{"start", number(start)},
                   {"limit", number(limit)},
                   {"delta", number(delta)},
                   {"dtype", dtype.value_or(natural)}},
                  name);
}
Tensor range(const Literal& limit, std::string_view name, std::source_location loc) {
  return range(0, limit, 1, {}, name, loc);
}
Tensor eye(int64_t num_rows, std::optional<int64_t> num_columns, DType dtype, std::string_view name,
           std::source_location loc) {
  ir::AttrMap attrs{{"num_rows", num_rows}, {"dtype", dtype}};
  if (num_columns) attrs["num_columns"] = *num_columns;
  return apply_at(loc, "eye", std::move(attrs), name);
}
Tensor shape(const TensorArg& x, DType out_type, std::string_view name) {
  return apply("shape", {x}, {{"out_type", out_type}}, name);
}
Tensor size(const TensorArg& x, DType out_type, std::string_view name) {
  return apply("size", {x}, {{"out_type", out_type}}, name);
}
Tensor rank(const TensorArg& x, std::string_view name) { return apply("rank", {x}, {}, name); }

namespace {

ir::AttrMap dtype_attrs(std::optional<DType> dtype) {
  if (!dtype) return {};
  return {{"dtype", *dtype}};
}

}  // namespace

Tensor zeros_like(const TensorArg& x, std::optional<DType> dtype, std::string_view name) {
  return apply("zeros_like", {x}, dtype_attrs(dtype), name);
}
Tensor ones_like(const TensorArg& x, std::optional<DType> dtype, std::string_view name) {
  return apply("ones_like", {x}, dtype_attrs(dtype), name);
}

}  // namespace dlc
