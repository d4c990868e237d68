#include "ir/ops/division.h"

namespace dlc::ir {
namespace {

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

}  // namespace

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
