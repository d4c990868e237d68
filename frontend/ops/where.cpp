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

Tensor where(const TensorArg& condition, const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("where", {condition, x, y}, {}, name);
}

}  // namespace dlc
