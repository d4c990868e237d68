#include "frontend/graph/make_node.h"
#include "frontend/train/optimizer.h"
#include "frontend/train/update_expand.h"

namespace dlc {

using ir::Value;

OpSpec apply_momentum_spec() {
  return {
      .name = "apply_momentum",
      .category = "training",
      .doc = "accumulator = momentum * accumulator + gradient; variable -= learning_rate * accumulator.",
      .operands = {{.name = "variable", .doc = "f32 or f64", .ref = true},
                   {.name = "accumulator", .doc = "of the type of the variable", .ref = true},
                   {"learning_rate", "rank 0"},
                   {"gradient", "of the type of the variable"},
                   {"momentum", "rank 0"}},
      .attrs = {default_attr("use_nesterov", false, "variable -= learning_rate * (gradient + momentum * accumulator)")},
      .expand = [](ExpandContext& c) {
        const Value v = c.operand(0), g = gradient_operand(c, 3, v);
        const Value rate = hyper_parameter(c, 2, v), momentum = hyper_parameter(c, 4, v);
        const Value a = c.b.add(c.b.mul(momentum, gradient_operand(c, 1, v)), g);
        const Value step = c.bool_attr("use_nesterov") ? c.b.add(g, c.b.mul(momentum, a)) : a;
        return std::vector{c.b.sub(v, c.b.mul(rate, step)), a};
      }};
}

Operation MomentumOptimizer::update(const Tensor& variable, const Tensor& gradient, const SourceLoc& loc) {
  const DType t = variable.dtype();
  return make_node(
      variable.graph(), "apply_momentum",
      {variable, slot(variable, "momentum", loc), as_type_of(learning_rate_, t), gradient, as_type_of(momentum_, t)},
      {{"use_nesterov", use_nesterov_}}, "update_" + variable.name(), loc);
}

}  // namespace dlc
