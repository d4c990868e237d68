#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

OpSpec square_spec() {
  return {.name = "square",
          .category = "arithmetic",
          .doc = "x * x.",
          .operands = {{"x", "any shape"}},
          .expand = [](ExpandContext& c) { return std::vector{c.b.mul(c.operand(0), c.operand(0))}; }};
}

Tensor square(const TensorArg& x, std::string_view name) { return apply("square", {x}, {}, name); }

}  // namespace dlc
