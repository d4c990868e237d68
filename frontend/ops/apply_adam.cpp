#include "frontend/ops/update.h"

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

}  // namespace dlc
