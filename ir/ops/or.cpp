#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef or_op() {
  return {
      .doc = "Logical or of bool; bit by bit of integers.",
      .operands = {{"a", TypeClass::kBitwise, "any dimensions"}, {"b", TypeClass::kBitwise, "the type of a"}},
      .fusion = FusionKind::kElementwise,
      .commutative = true,
      .infer = infer_binary,  // or_c1, or_c2
      .no_gradient = kDiscreteOperands,
      .reference = zip_bitwise<[](auto a, auto b) { return static_cast<decltype(a)>(a | b); }>,
  };
}

}  // namespace dlc::ir
