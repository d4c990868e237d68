#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

OpSpec logical_not_spec() {
  return {.name = "logical_not",
          .category = "logic",
          .doc = "Not x.",
          .operands = {{"x", "bool"}},
          .expand = [](ExpandContext& c) {
            c.need_bool(0);
            return std::vector{c.b.logical_not(c.operand(0))};
          }};
}

Tensor logical_not(const TensorArg& x, std::string_view name) { return apply("logical_not", {x}, {}, name); }

}  // namespace dlc
