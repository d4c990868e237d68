#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"
#include "frontend/train/optimizer.h"
#include "frontend/train/update_expand.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_apply_adam(ExpandContext& c) {
  enum { kVariable, kM, kS, kBeta1Power, kBeta2Power, kLearningRate, kBeta1, kBeta2, kEpsilon, kGradient };
  const Value v = c.operand(kVariable), g = gradient_operand(c, kGradient, v);
  const Value m0 = gradient_operand(c, kM, v), s0 = gradient_operand(c, kS, v);
  const auto scalar = [&](int i) {
    hyper_parameter(c, i, v);  // checks it
    return c.operand(i);
  };
  const auto one_minus = [&](Value x) { return c.b.sub(c.b.full_like(x, 1), x); };
  // Per step, not per element: rank 0 until the last moment.
  const Value rate =
      c.b.div(c.b.mul(scalar(kLearningRate), c.b.sqrt(one_minus(scalar(kBeta2Power)))), one_minus(scalar(kBeta1Power)));
  const auto stretch = [&](Value x) { return c.b.broadcast_to(x, v.dims()); };
  const auto average = [&](int beta, Value old, Value fresh) {
    return c.b.add(c.b.mul(stretch(scalar(beta)), old), c.b.mul(stretch(one_minus(c.operand(beta))), fresh));
  };
  const Value m = average(kBeta1, m0, g), s = average(kBeta2, s0, c.b.mul(g, g));
  const Value divisor = c.b.add(c.b.sqrt(s), stretch(scalar(kEpsilon)));
  return {c.b.sub(v, c.b.div(c.b.mul(stretch(rate), m), divisor)), m, s};
}

}  // namespace

OpSpec apply_adam_spec() {
  return {.name = "apply_adam",
          .category = "training",
          .doc =
              "m = beta1 m + (1 - beta1) g; s = beta2 s + (1 - beta2) g^2;\n"
              "variable -= learning_rate sqrt(1 - beta2_power) / (1 - beta1_power) * m / (sqrt(s) + epsilon).",
          .operands = {{.name = "variable", .doc = "f32 or f64", .ref = true},
                       {.name = "m", .doc = "mean of gradients", .ref = true},
                       {.name = "s", .doc = "mean of their squares", .ref = true},
                       {"beta1_power", "beta1^t, rank 0"},
                       {"beta2_power", "beta2^t, rank 0"},
                       {"learning_rate", "rank 0"},
                       {"beta1", "rank 0"},
                       {"beta2", "rank 0"},
                       {"epsilon", "rank 0"},
                       {"gradient", "of the type of the variable"}},
          .expand = expand_apply_adam};
}

Operation AdamOptimizer::update(const Tensor& variable, const Tensor& gradient, const SourceLoc& loc) {
  const Graph graph = variable.graph();
  const DType t = variable.dtype();
  // One pair of powers for all variables, in the element type of the first. They start at 1 and are
  // multiplied before they are used, so that beta may be a tensor.
  for (Power* p : {&power1_, &power2_}) {
    if (p->next) continue;
    p->state = scalar_state(graph, p == &power1_ ? "beta1_power" : "beta2_power", t, 1.0, loc);
    const TensorArg& beta = p == &power1_ ? beta1_ : beta2_;
    p->next = make_node(graph, "multiply", {p->state, as_type_of(beta, p->state.dtype())}, {}, {}, loc).output();
  }
  const Tensor m = slot(variable, "adam_m", loc), s = slot(variable, "adam_s", loc);
  return make_node(
      graph, "apply_adam",
      {variable, m, s, as_type_of(power1_.next, t), as_type_of(power2_.next, t), as_type_of(learning_rate_, t),
       as_type_of(beta1_, t), as_type_of(beta2_, t), as_type_of(epsilon_, t), gradient},
      {}, "update_" + variable.name(), loc);
}

std::vector<Operation> AdamOptimizer::finish(const Graph& graph, const SourceLoc& loc) {
  std::vector<Operation> out;
  for (Power* p : {&power1_, &power2_}) {
    out.push_back(make_node(graph, "assign", {p->state, p->next}, {}, {}, loc));
    p->next = {};  // the next step is another node
  }
  return out;
}

}  // namespace dlc
