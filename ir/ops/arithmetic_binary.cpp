// add sub mul div rem. Floats: IEEE, in the operands' own precision. Integers wrap.
#include <limits>

#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

struct Quotient {
  template <typename T>
  static T of(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) return a / b;
    if constexpr (std::is_signed_v<T>)
      if (b == T{-1}) return wrapping<[](auto x, auto zero) { return zero - x; }>(a, T{0});
    return static_cast<T>(a / b);
  }
};

struct Remainder {
  template <typename T>
  static T of(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
      return std::fmod(a, b);
    } else {
      if constexpr (std::is_signed_v<T>)
        if (b == T{-1}) return 0;
      return static_cast<T>(a % b);
    }
  }
};

/// Division by an integer zero is a fault of that element, whose value is 0; the result is as if
/// divided by 1.
template <typename Operation>
std::vector<Array> divide(const ReferenceContext& c) {
  Array out = c.make_result();
  dispatch(out.dtype(), [&]<typename T>() {
    if constexpr (!std::is_same_v<T, bool>) {
      const auto a = c.operands[0].data<T>(), b = c.operands[1].data<T>();
      const auto to = out.data<T>();
      for (size_t i = 0; i < to.size(); ++i) {
        T divisor = b[i];
        if (std::is_integral_v<T> && divisor == T{0}) {
          c.report(static_cast<int64_t>(i), 0);
          divisor = T{1};
        }
        to[i] = Operation::template of<T>(a[i], divisor);
      }
    }
  });
  return {out};
}

}  // namespace

OpDef add_op() {
  return {
      .doc = "a + b.",
      .operands = {{"a", TypeClass::kNumeric, "any dimensions"}, {"b", TypeClass::kNumeric, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .commutative = true,
      .infer = infer_binary,  // add_c1, add_c2
      .gradient = [](GradContext& g) -> Gradients { return {g.result_grad(), g.result_grad()}; },
      .reference = zip_numbers<[](auto a, auto b) { return wrapping<[](auto x, auto y) { return x + y; }>(a, b); }>,
  };
}

OpDef sub_op() {
  return {
      .doc = "a - b.",
      .operands = {{"a", TypeClass::kNumeric, "any dimensions"}, {"b", TypeClass::kNumeric, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // sub_c1, sub_c2
      .gradient = [](GradContext& g) -> Gradients {
        return {g.result_grad(), g.needed(1) ? g.b.neg(g.result_grad()) : Value{}};
      },
      .reference = zip_numbers<[](auto a, auto b) { return wrapping<[](auto x, auto y) { return x - y; }>(a, b); }>,
  };
}

OpDef mul_op() {
  return {
      .doc = "a * b.",
      .operands = {{"a", TypeClass::kNumeric, "any dimensions"}, {"b", TypeClass::kNumeric, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .commutative = true,
      .infer = infer_binary,  // mul_c1, mul_c2
      .gradient = [](GradContext& g) -> Gradients {
        const Value dy = g.result_grad();
        return {g.needed(0) ? g.b.mul(dy, g.operand(1)) : Value{}, g.needed(1) ? g.b.mul(dy, g.operand(0)) : Value{}};
      },
      .reference = zip_numbers<[](auto a, auto b) { return wrapping<[](auto x, auto y) { return x * y; }>(a, b); }>,
  };
}

OpDef div_op() {
  return {
      .doc = "a / b. Integers: rounded towards zero; MIN / -1 wraps to MIN; x / 0 faults (and counts as x / 1).",
      .operands = {{"a", TypeClass::kNumeric, "any dimensions"}, {"b", TypeClass::kNumeric, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .can_fail = true,
      .infer = infer_binary,  // div_c1, div_c2
      .gradient = [](GradContext& g) -> Gradients {
        const Value da = g.b.div(g.result_grad(), g.operand(1));
        return {da, g.needed(1) ? g.b.neg(g.b.mul(da, g.result())) : Value{}};
      },
      .reference = divide<Quotient>,
  };
}

OpDef rem_op() {
  return {
      .doc =
          "a - b * trunc(a / b), exact, with the sign of a (C's fmod and %). Integers: x % -1 is 0; x % 0 faults\n"
          "(and counts as x % 1).",
      .operands = {{"a", TypeClass::kNumeric, "any dimensions"}, {"b", TypeClass::kNumeric, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .can_fail = true,
      .infer = infer_binary,  // rem_c1, rem_c2
      // trunc(a / b) is constant wherever the derivative exists.
      .gradient = [](GradContext& g) -> Gradients {
        const Value dy = g.result_grad();
        if (!g.needed(1)) return {dy, {}};
        const Value quotient = g.b.op(OpKind::kTrunc, {g.b.div(g.operand(0), g.operand(1))});
        return {dy, g.b.neg(g.b.mul(dy, quotient))};
      },
      .reference = divide<Remainder>,
  };
}

}  // namespace dlc::ir
