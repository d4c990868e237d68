#include "frontend/graph/make_node.h"
#include "frontend/train/optimizer.h"
#include "frontend/train/update_expand.h"

namespace dlc {

using ir::Value;

Value hyper_parameter(ExpandContext& c, int i, Value like) {
  const Value v = c.operand(i);
  const std::string& name = c.node().spec->operands[static_cast<size_t>(i)].name;
  if (v.dtype() != like.dtype() || v.rank() != 0)
    c.fail(ErrorCode::kInvalidShape, "'{}' needs {}[], the element type of the variable, got {}", name, like.dtype(),
           v.type());
  return c.b.broadcast_to(v, like.dims());
}

Value gradient_operand(ExpandContext& c, int i, Value like) {
  const Value v = c.operand(i);
  if (v.dtype() != like.dtype() || v.rank() != like.rank())
    c.fail(ErrorCode::kInvalidShape, "the gradient is {}, the variable {}", v.type(), like.type());
  for (int64_t k = 0; k < v.rank(); ++k)
    c.require(v.type().dim(k), like.type().dim(k),
              fmt::format("the gradient is {}, the variable {}", v.type(), like.type()));
  return v.dims() == like.dims() ? v : c.b.reshape(v, like.dims());
}

OpSpec apply_gradient_descent_spec() {
  return {.name = "apply_gradient_descent",
          .category = "training",
          .doc = "variable -= learning_rate * gradient.",
          .operands = {{.name = "variable", .doc = "f32 or f64", .ref = true},
                       {"learning_rate", "rank 0"},
                       {"gradient", "of the type of the variable"}},
          .expand = [](ExpandContext& c) {
            const Value v = c.operand(0), g = gradient_operand(c, 2, v);
            return std::vector{c.b.sub(v, c.b.mul(hyper_parameter(c, 1, v), g))};
          }};
}

Operation GradientDescentOptimizer::update(const Tensor& variable, const Tensor& gradient, const SourceLoc& loc) {
  return make_node(variable.graph(), "apply_gradient_descent",
                   {variable, as_type_of(learning_rate_, variable.dtype()), gradient}, {}, "update_" + variable.name(),
                   loc);
}

}  // namespace dlc
