// Activations and other functions of one operand that are made of several IR operators. Each is written
// so that its derivative, which differentiation builds from the same operators, has no 0 * inf.
#include <cmath>
#include <limits>
#include <numbers>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/activations.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

using ir::Value;

namespace expansions {

Value relu(ir::Builder& b, Value x) {
  // The zero first: of equal operands max sends the gradient to the first, and relu'(0) is 0.
  return b.max(b.full_like(x, 0), x);
}

Value sigmoid(ir::Builder& b, Value x) {
  // e^-x stays finite, so that its product with the derivative of the quotient does: 0 * inf is NaN.
  const double largest = x.dtype() == kFloat32 ? 88 : 709;
  const Value e = b.exp(b.min(b.neg(x), b.full_like(x, largest)));
  return b.div(b.full_like(x, 1), b.add(e, 1.0));
}

Value softplus(ir::Builder& b, Value x) {
  // max(x, 0) + log1p(e^-|x|), by select: its derivative at 0 is then 1 - 1/2, not that of |x|.
  const Value zero = b.full_like(x, 0);
  const Value positive = b.compare("ge", x, zero);
  const Value minus_abs = b.select(positive, b.neg(x), x);
  return b.add(b.select(positive, x, zero), b.op(ir::OpKind::kLog1p, {b.exp(minus_abs)}));
}

}  // namespace expansions

namespace {

OpSpec activation(const char* name, const char* doc, OpSpec::Expand expand, std::vector<AttrSpec> attrs = {}) {
  return {.name = name,
          .category = "activations",
          .doc = doc,
          .operands = {{"x", "any shape, f32 or f64"}},
          .attrs = std::move(attrs),
          .expand = expand};
}

Value elu(ir::Builder& b, Value x, double alpha) {
  const Value zero = b.full_like(x, 0);
  const Value below = b.mul(b.op(ir::OpKind::kExpm1, {b.min(zero, x)}), alpha);
  return b.select(b.compare("gt", x, zero), x, below);
}

Value gelu(ir::Builder& b, Value x, bool approximate) {
  if (!approximate)  // 2 Phi(x) = 1 + erf(x / sqrt 2), as TensorFlow and PyTorch have it: absolute, not relative,
                     // accuracy
    return b.mul(b.mul(x, 0.5), b.add(b.op(ir::OpKind::kErf, {b.mul(x, 1 / std::numbers::sqrt2)}), 1.0));
  const double k = std::sqrt(2 / std::numbers::pi);
  const Value cube = b.mul(b.mul(x, x), x);
  const Value t = b.tanh(b.mul(b.add(x, b.mul(cube, 0.044715)), k));
  return b.mul(b.mul(x, 0.5), b.add(t, 1.0));
}

}  // namespace

OpSpec relu_spec() {
  return activation("relu", "max(x, 0); NaN stays NaN.", [](ExpandContext& c) {
    c.need_number(0);
    return std::vector{expansions::relu(c.b, c.operand(0))};
  });
}

OpSpec relu6_spec() {
  return activation("relu6", "min(max(x, 0), 6).", [](ExpandContext& c) {
    c.need_number(0);
    const Value x = c.operand(0);
    return std::vector{c.b.min(c.b.full_like(x, 6), expansions::relu(c.b, x))};
  });
}

OpSpec leaky_relu_spec() {
  return activation(
      "leaky_relu", "x where x > 0, else alpha * x.",
      [](ExpandContext& c) {
        c.need_float(0);
        const Value x = c.operand(0);
        return std::vector{c.b.select(c.b.compare("gt", x, c.b.full_like(x, 0)), x, c.b.mul(x, c.float_attr("alpha")))};
      },
      {default_attr("alpha", 0.2, "slope below 0")});
}

OpSpec elu_spec() {
  return activation("elu", "x where x > 0, else alpha * (e^x - 1).",
                    [](ExpandContext& c) {
                      c.need_float(0);
                      return std::vector{elu(c.b, c.operand(0), c.float_attr("alpha"))};
                    },
                    {default_attr("alpha", 1.0, "minus the limit at -inf")});
}

OpSpec selu_spec() {
  return activation("selu", "scale * elu(x, alpha) with the constants of Klambauer et al. 2017.", [](ExpandContext& c) {
    c.need_float(0);
    constexpr double kAlpha = 1.6732632423543772848, kScale = 1.0507009873554804934;
    return std::vector{c.b.mul(elu(c.b, c.operand(0), kAlpha), kScale)};
  });
}

OpSpec gelu_spec() {
  return activation("gelu", "x * Phi(x), Phi the distribution function of the normal distribution.",
                    [](ExpandContext& c) {
                      c.need_float(0);
                      return std::vector{gelu(c.b, c.operand(0), c.bool_attr("approximate"))};
                    },
                    {default_attr("approximate", false, "0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))")});
}

OpSpec sigmoid_spec() {
  return activation("sigmoid", "1 / (1 + e^-x).", [](ExpandContext& c) {
    c.need_float(0);
    return std::vector{expansions::sigmoid(c.b, c.operand(0))};
  });
}

OpSpec log_sigmoid_spec() {
  return activation("log_sigmoid", "log(sigmoid(x)) = -softplus(-x).", [](ExpandContext& c) {
    c.need_float(0);
    return std::vector{c.b.neg(expansions::softplus(c.b, c.b.neg(c.operand(0))))};
  });
}

OpSpec silu_spec() {
  return activation("silu", "x * sigmoid(x), also called swish.", [](ExpandContext& c) {
    c.need_float(0);
    return std::vector{c.b.mul(c.operand(0), expansions::sigmoid(c.b, c.operand(0)))};
  });
}

OpSpec softplus_spec() {
  return activation("softplus", "log(1 + e^x).", [](ExpandContext& c) {
    c.need_float(0);
    return std::vector{expansions::softplus(c.b, c.operand(0))};
  });
}

OpSpec softsign_spec() {
  return activation("softsign", "x / (1 + |x|).", [](ExpandContext& c) {
    c.need_float(0);
    const Value x = c.operand(0);
    return std::vector{c.b.div(x, c.b.add(c.b.op(ir::OpKind::kAbs, {x}), 1.0))};
  });
}

OpSpec hard_sigmoid_spec() {
  return activation("hard_sigmoid", "0.2 x + 0.5, clipped to [0, 1].", [](ExpandContext& c) {
    c.need_float(0);
    const Value x = c.operand(0);
    const Value line = c.b.add(c.b.mul(x, 0.2), 0.5);
    return std::vector{c.b.op(ir::OpKind::kClamp, {c.b.full_like(x, 0), line, c.b.full_like(x, 1)})};
  });
}

OpSpec mish_spec() {
  return activation("mish", "x * tanh(softplus(x)).", [](ExpandContext& c) {
    c.need_float(0);
    const Value x = c.operand(0);
    return std::vector{c.b.mul(x, c.b.tanh(expansions::softplus(c.b, x)))};
  });
}

OpSpec square_spec() {
  return {.name = "square",
          .category = "arithmetic",
          .doc = "x * x.",
          .operands = {{"x", "any shape"}},
          .expand = [](ExpandContext& c) { return std::vector{c.b.mul(c.operand(0), c.operand(0))}; }};
}

OpSpec reciprocal_spec() {
  return {.name = "reciprocal",
          .category = "arithmetic",
          .doc = "1 / x.",
          .operands = {{"x", "f32 or f64"}},
          .expand = [](ExpandContext& c) {
            c.need_float(0);
            return std::vector{c.b.div(c.b.full_like(c.operand(0), 1), c.operand(0))};
          }};
}

OpSpec is_inf_spec() {
  return {.name = "is_inf",
          .category = "comparison",
          .doc = "Whether x is inf or -inf.",
          .operands = {{"x", "f32 or f64"}},
          .expand = [](ExpandContext& c) {
            c.need_float(0);
            const Value x = c.operand(0);
            return std::vector{c.b.compare("eq", c.b.op(ir::OpKind::kAbs, {x}),
                                           c.b.full_like(x, std::numeric_limits<double>::infinity()))};
          }};
}

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

#define DLC_FUNCTION(op) \
  Tensor op(const TensorArg& x, std::string_view name) { return apply(#op, {x}, {}, name); }
DLC_FUNCTION(relu)
DLC_FUNCTION(relu6)
DLC_FUNCTION(selu)
DLC_FUNCTION(sigmoid)
DLC_FUNCTION(log_sigmoid)
DLC_FUNCTION(silu)
DLC_FUNCTION(softplus)
DLC_FUNCTION(softsign)
DLC_FUNCTION(hard_sigmoid)
DLC_FUNCTION(mish)
DLC_FUNCTION(square)
DLC_FUNCTION(reciprocal)
DLC_FUNCTION(is_inf)
DLC_FUNCTION(logical_not)
#undef DLC_FUNCTION

Tensor swish(const TensorArg& x, std::string_view name) { return silu(x, name); }
Tensor leaky_relu(const TensorArg& x, double alpha, std::string_view name) {
  return apply("leaky_relu", {x}, {{"alpha", alpha}}, name);
}
Tensor elu(const TensorArg& x, double alpha, std::string_view name) {
  return apply("elu", {x}, {{"alpha", alpha}}, name);
}
Tensor gelu(const TensorArg& x, bool approximate, std::string_view name) {
  return apply("gelu", {x}, {{"approximate", approximate}}, name);
}

}  // namespace dlc
