// where clip_by_value lerp cast: choice between operands, and conversion.
#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

using ir::Value;

OpSpec where_spec() {
  return {.name = "where",
          .category = "choice",
          .doc = "condition ? x : y, element by element.",
          .operands = {{.name = "condition", .doc = "bool", .dtype_group = -1},
                       {"x", "any type"},
                       {"y", "of the type of x; shapes broadcast"}},
          .expand = [](ExpandContext& c) {
            c.need_bool(0);
            c.need_same_dtype(1, 2);
            const Value operands[] = {c.operand(0), c.operand(1), c.operand(2)};
            const std::vector<Value> v = c.broadcast_all(operands);
            return std::vector{c.b.select(v[0], v[1], v[2])};
          }};
}

OpSpec clip_by_value_spec() {
  return {.name = "clip_by_value",
          .category = "choice",
          .doc = "min(max(x, clip_value_min), clip_value_max). NaN stays NaN.",
          .operands = {{"x", "numbers"}, {"clip_value_min", "broadcasts to x"}, {"clip_value_max", "broadcasts to x"}},
          .expand = [](ExpandContext& c) {
            c.need_number(0);
            c.need_same_dtype(0, 1);
            c.need_same_dtype(0, 2);
            const Value operands[] = {c.operand(0), c.operand(1), c.operand(2)};
            const std::vector<Value> v = c.broadcast_all(operands);
            return std::vector{c.b.op(ir::OpKind::kClamp, {v[1], v[0], v[2]})};
          }};
}

OpSpec lerp_spec() {
  return {.name = "lerp",
          .category = "choice",
          .doc = "a + weight * (b - a).",
          .operands = {{"a", "f32 or f64"}, {"b", "of the type of a"}, {"weight", "of the type of a"}},
          .expand = [](ExpandContext& c) {
            c.need_float(0);
            c.need_same_dtype(0, 1);
            c.need_same_dtype(0, 2);
            const Value operands[] = {c.operand(0), c.operand(1), c.operand(2)};
            const std::vector<Value> v = c.broadcast_all(operands);
            return std::vector{c.b.add(v[0], c.b.mul(v[2], c.b.sub(v[1], v[0])))};
          }};
}

OpSpec cast_spec() {
  return {.name = "cast",
          .category = "choice",
          .doc = "x in another element type. Floating to integer saturates, NaN gives 0; to bool is != 0.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("dtype", kFloat32, "of the result")},
          .expand = [](ExpandContext& c) { return std::vector{c.b.convert(c.operand(0), c.dtype_attr("dtype"))}; }};
}

Tensor where(const TensorArg& condition, const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("where", {condition, x, y}, {}, name);
}
Tensor clip_by_value(const TensorArg& x, const TensorArg& clip_value_min, const TensorArg& clip_value_max,
                     std::string_view name) {
  return apply("clip_by_value", {x, clip_value_min, clip_value_max}, {}, name);
}
Tensor lerp(const TensorArg& a, const TensorArg& b, const TensorArg& weight, std::string_view name) {
  return apply("lerp", {a, b, weight}, {}, name);
}
Tensor cast(const TensorArg& x, DType dtype, std::string_view name) {
  return apply("cast", {x}, {{"dtype", dtype}}, name);
}

}  // namespace dlc
