// sin cos tan asin acos atan atan2. Angles are in radians.
#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

/// 1 - x^2 without cancellation near |x| = 1.
Value one_minus_square(Builder& b, Value x) { return b.mul(subtract_from(b, 1.0, x), b.add(x, 1.0)); }

}  // namespace

OpDef sin_op() {
  return {
      .doc = "Sine; NaN at infinities.",
      .operands = {{"x", TypeClass::kFloating, "radians, any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.op(OpKind::kCos, {g.operand(0)}))};
      },
      .reference = map_math<[](auto x) { return std::sin(x); }>,
  };
}

OpDef cos_op() {
  return {
      .doc = "Cosine; NaN at infinities.",
      .operands = {{"x", TypeClass::kFloating, "radians, any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.neg(g.b.mul(g.result_grad(), g.b.op(OpKind::kSin, {g.operand(0)})))};
      },
      .reference = map_math<[](auto x) { return std::cos(x); }>,
  };
}

OpDef tan_op() {
  return {
      .doc = "Tangent; NaN at infinities.",
      .operands = {{"x", TypeClass::kFloating, "radians, any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.add(square(g.b, g.result()), 1.0))};
      },
      .reference = map_math<[](auto x) { return std::tan(x); }>,
  };
}

OpDef asin_op() {
  return {
      .doc = "Inverse sine in [-pi/2, pi/2]; NaN outside [-1, 1].",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.rsqrt(one_minus_square(g.b, g.operand(0))))};
      },
      .reference = map_math<[](auto x) { return std::asin(x); }>,
  };
}

OpDef acos_op() {
  return {
      .doc = "Inverse cosine in [0, pi]; NaN outside [-1, 1].",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.neg(g.b.mul(g.result_grad(), g.b.rsqrt(one_minus_square(g.b, g.operand(0)))))};
      },
      .reference = map_math<[](auto x) { return std::acos(x); }>,
  };
}

OpDef atan_op() {
  return {
      .doc = "Inverse tangent in [-pi/2, pi/2].",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.div(g.result_grad(), g.b.add(square(g.b, g.operand(0)), 1.0))};
      },
      .reference = map_math<[](auto x) { return std::atan(x); }>,
  };
}

OpDef atan2_op() {
  return {
      .doc = "The angle of the point (x, y) in [-pi, pi], with C's rules at zeros and infinities.",
      .operands = {{"y", TypeClass::kFloating, "ordinate, any dimensions"},
                   {"x", TypeClass::kFloating, "abscissa, the type of y"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // atan2_c1, atan2_c2
      .gradient = [](GradContext& g) -> Gradients {
        const Value y = g.operand(0), x = g.operand(1);
        const Value scaled = g.b.div(g.result_grad(), g.b.add(square(g.b, x), square(g.b, y)));
        return {g.b.mul(scaled, x), g.b.neg(g.b.mul(scaled, y))};
      },
      .reference = zip_math<[](auto y, auto x) { return std::atan2(y, x); }>,
  };
}

}  // namespace dlc::ir
