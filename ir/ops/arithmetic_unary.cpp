// neg abs sign floor ceil round_even trunc is_finite is_nan: no rounding but the obvious.
#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

constexpr const char* kStep = "piecewise constant: its derivative is zero wherever it has one";

template <typename T>
T negative(T x) {
  return std::is_floating_point_v<T> ? -x : wrapping<[](auto a, auto b) { return b - a; }>(x, T{0});
}

template <typename T>
T absolute(T x) {
  if constexpr (std::is_floating_point_v<T>) return std::fabs(x);
  if constexpr (std::is_unsigned_v<T>) return x;
  return x < T{0} ? negative(x) : x;
}

/// NaN and zeros are kept.
template <typename T>
T sign_of(T x) {
  if (x > T{0}) return T{1};
  if constexpr (!std::is_unsigned_v<T>)
    if (x < T{0}) return static_cast<T>(-1);
  return x;
}

}  // namespace

OpDef neg_op() {
  return {
      .doc = "-x. Integers wrap: -MIN is MIN.",
      .operands = {{"x", TypeClass::kNumeric, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients { return {g.b.neg(g.result_grad())}; },
      .reference = map_numbers<[](auto x) { return negative(x); }>,
  };
}

OpDef abs_op() {
  return {
      .doc = "|x|. Integers wrap: |MIN| is MIN. Gradient at 0: 0.",
      .operands = {{"x", TypeClass::kNumeric, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .gradient = [](GradContext& g) -> Gradients {
        return {g.b.mul(g.result_grad(), g.b.op(OpKind::kSign, {g.operand(0)}))};
      },
      .reference = map_numbers<[](auto x) { return absolute(x); }>,
  };
}

OpDef sign_op() {
  return {
      .doc = "-1, 0 or 1; zeros keep their sign, NaN stays NaN.",
      .operands = {{"x", TypeClass::kNumeric, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = kStep,
      .reference = map_numbers<[](auto x) { return sign_of(x); }>,
  };
}

OpDef floor_op() {
  return {
      .doc = "The largest integer <= x.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = kStep,
      .reference = map_floats<[](auto x) { return std::floor(x); }>,
  };
}

OpDef ceil_op() {
  return {
      .doc = "The smallest integer >= x.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = kStep,
      .reference = map_floats<[](auto x) { return std::ceil(x); }>,
  };
}

OpDef round_even_op() {
  return {
      .doc = "The nearest integer; of two equally near ones the even.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = kStep,
      // The default rounding mode is to even; the interpreter never changes it.
      .reference = map_floats<[](auto x) { return std::nearbyint(x); }>,
  };
}

OpDef trunc_op() {
  return {
      .doc = "x without its fraction: rounded towards zero.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = kStep,
      .reference = map_floats<[](auto x) { return std::trunc(x); }>,
  };
}

OpDef is_finite_op() {
  return {
      .doc = "Whether x is neither infinite nor NaN.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_predicate,
      .no_gradient = "the result is bool",
      .reference = map_floats<[](auto x) -> bool { return std::isfinite(x); }>,
  };
}

OpDef is_nan_op() {
  return {
      .doc = "Whether x is NaN.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_predicate,
      .no_gradient = "the result is bool",
      .reference = map_floats<[](auto x) -> bool { return std::isnan(x); }>,
  };
}

}  // namespace dlc::ir
