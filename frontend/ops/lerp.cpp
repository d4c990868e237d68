#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

using ir::Value;

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

Tensor lerp(const TensorArg& a, const TensorArg& b, const TensorArg& weight, std::string_view name) {
  return apply("lerp", {a, b, weight}, {}, name);
}

}  // namespace dlc
