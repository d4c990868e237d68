#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/core.h"

namespace dlc {

OpSpec identity_spec() {
  return {.name = "identity",
          .category = "control",
          .doc = "x, as a node of its own.",
          .operands = {{"x", "any type and shape"}},
          .expand = [](ExpandContext& c) { return std::vector{c.operand(0)}; }};
}

Tensor identity(const TensorArg& x, std::string_view name) { return apply("identity", {x}, {}, name); }

}  // namespace dlc
