// sinh cosh tanh asinh acosh atanh.
#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef sinh_op() {
  return {
      .doc = "Hyperbolic sine.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.op(OpKind::kCosh, {g.operand(0)}))};
      },
      .reference = map_math<[](auto x) { return std::sinh(x); }>,
  };
}

OpDef cosh_op() {
  return {
      .doc = "Hyperbolic cosine.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.op(OpKind::kSinh, {g.operand(0)}))};
      },
      .reference = map_math<[](auto x) { return std::cosh(x); }>,
  };
}

OpDef tanh_op() {
  return {
      .doc = "Hyperbolic tangent.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), subtract_from(g.b, 1.0, square(g.b, g.result())))};
      },
      .reference = map_math<[](auto x) { return std::tanh(x); }>,
  };
}

OpDef asinh_op() {
  return {
      .doc = "Inverse hyperbolic sine.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.rsqrt(g.b.add(square(g.b, g.operand(0)), 1.0)))};
      },
      .reference = map_math<[](auto x) { return std::asinh(x); }>,
  };
}

OpDef acosh_op() {
  return {
      .doc = "Inverse hyperbolic cosine, >= 0; NaN below 1.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      // x^2 - 1 as a product: no cancellation near 1.
      .gradient = [](GradContext& g) -> Gradients {
        const Value x = g.operand(0);
        return {g.b.mul(g.result_grad(), g.b.rsqrt(g.b.mul(g.b.add(x, -1.0), g.b.add(x, 1.0))))};
      },
      .reference = map_math<[](auto x) { return std::acosh(x); }>,
  };
}

OpDef atanh_op() {
  return {
      .doc = "Inverse hyperbolic tangent: infinite at -1 and 1, NaN outside.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        const Value x = g.operand(0);
        return {g.b.div(g.result_grad(), g.b.mul(subtract_from(g.b, 1.0, x), g.b.add(x, 1.0)))};
      },
      .reference = map_math<[](auto x) { return std::atanh(x); }>,
  };
}

}  // namespace dlc::ir
