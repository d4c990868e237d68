#include "ir/ops/division.h"

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

}  // namespace

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

}  // namespace dlc::ir
