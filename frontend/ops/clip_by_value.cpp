#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

using ir::Value;

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

Tensor clip_by_value(const TensorArg& x, const TensorArg& clip_value_min, const TensorArg& clip_value_max,
                     std::string_view name) {
  return apply("clip_by_value", {x, clip_value_min, clip_value_max}, {}, name);
}

}  // namespace dlc
