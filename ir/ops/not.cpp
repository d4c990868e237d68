#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef not_op() {
  return {
      .doc = "Logical not of bool; every bit flipped of an integer.",
      .operands = {{"x", TypeClass::kBitwise, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = kDiscreteOperands,
      .reference = map_bitwise<[]<typename T>(T x) -> T {
        if constexpr (std::is_same_v<T, bool>)
          return !x;
        else
          return static_cast<T>(~x);
      }>,
  };
}

}  // namespace dlc::ir
