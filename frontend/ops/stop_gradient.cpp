#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/core.h"

namespace dlc {

OpSpec stop_gradient_spec() {
  return {.name = "stop_gradient",
          .category = "control",
          .doc = "x; constant for gradients.",
          .operands = {{"x", "any type and shape"}},
          .expand = [](ExpandContext& c) { return std::vector{c.b.op(ir::OpKind::kStopGradient, {c.operand(0)})}; }};
}

Tensor stop_gradient(const TensorArg& x, std::string_view name) { return apply("stop_gradient", {x}, {}, name); }

}  // namespace dlc
