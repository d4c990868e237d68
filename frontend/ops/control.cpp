// Nodes that compute nothing: they order, name, and pass on.
#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/core.h"

namespace dlc {

namespace {
std::vector<ir::Value> nothing(ExpandContext&) { return {}; }
}  // namespace

OpSpec no_op_spec() {
  return {.name = "no_op", .category = "control", .doc = "Does nothing, after its control inputs.", .expand = nothing};
}

OpSpec group_spec() {
  return {.name = "group", .category = "control", .doc = "Done when all of its control inputs are.", .expand = nothing};
}

OpSpec identity_spec() {
  return {.name = "identity",
          .category = "control",
          .doc = "x, as a node of its own.",
          .operands = {{"x", "any type and shape"}},
          .expand = [](ExpandContext& c) { return std::vector{c.operand(0)}; }};
}

OpSpec stop_gradient_spec() {
  return {.name = "stop_gradient",
          .category = "control",
          .doc = "x; constant for gradients.",
          .operands = {{"x", "any type and shape"}},
          .expand = [](ExpandContext& c) { return std::vector{c.b.op(ir::OpKind::kStopGradient, {c.operand(0)})}; }};
}

Tensor identity(const TensorArg& x, std::string_view name) { return apply("identity", {x}, {}, name); }
Tensor stop_gradient(const TensorArg& x, std::string_view name) { return apply("stop_gradient", {x}, {}, name); }

}  // namespace dlc
