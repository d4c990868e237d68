// exp expm1 log log1p sqrt rsqrt cbrt.
#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef exp_op() {
  return {
      .doc = "The exponential function, e^x.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {g.b.mul(g.result_grad(), g.result())}; },
      .reference = map_math<[](auto x) { return std::exp(x); }>,
  };
}

OpDef expm1_op() {
  return {
      .doc = "e^x - 1, exact for small x.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      // e^x is y + 1; exp(x) itself would be a second exponential.
      .gradient = [](GradContext& g) -> Gradients { return {g.b.mul(g.result_grad(), g.b.add(g.result(), 1.0))}; },
      .reference = map_math<[](auto x) { return std::expm1(x); }>,
  };
}

OpDef log_op() {
  return {
      .doc = "Natural logarithm: -inf at 0, NaN below.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {g.b.div(g.result_grad(), g.operand(0))}; },
      .reference = map_math<[](auto x) { return std::log(x); }>,
  };
}

OpDef log1p_op() {
  return {
      .doc = "log(1 + x), exact for small x: -inf at -1, NaN below.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {g.b.div(g.result_grad(), g.b.add(g.operand(0), 1.0))}; },
      .reference = map_math<[](auto x) { return std::log1p(x); }>,
  };
}

OpDef sqrt_op() {
  return {
      .doc = "Square root, correctly rounded; NaN below 0. Gradient at 0: infinite.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {g.b.div(g.b.mul(g.result_grad(), 0.5), g.result())}; },
      .reference = map_floats<[](auto x) { return std::sqrt(x); }>,
  };
}

OpDef rsqrt_op() {
  return {
      .doc = "1 / sqrt(x): inf at 0, NaN below.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      // -1/2 x^(-3/2) = -1/2 y^3.
      .gradient = [](GradContext& g) -> Gradients {
        const Value y = g.result();
        return {g.b.mul(g.b.mul(g.result_grad(), -0.5), g.b.mul(square(g.b, y), y))};
      },
      .reference = map_math<[](auto x) { return 1 / std::sqrt(x); }>,
  };
}

OpDef cbrt_op() {
  return {
      .doc = "Cube root, of negative numbers too. Gradient at 0: infinite.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.div(g.result_grad(), g.b.mul(square(g.b, g.result()), 3.0))};
      },
      .reference = map_math<[](auto x) { return std::cbrt(x); }>,
  };
}

}  // namespace dlc::ir
