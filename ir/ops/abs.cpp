#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

template <typename T>
T absolute(T x) {
  if constexpr (std::is_floating_point_v<T>) return std::fabs(x);
  if constexpr (std::is_unsigned_v<T>) return x;
  return x < T{0} ? negative(x) : x;
}

}  // namespace

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

}  // namespace dlc::ir
