#include "ir/ops/shift.h"

namespace dlc::ir {
namespace {

template <typename T>
T shifted_right(T x, T distance) {
  if (!within_width(distance)) return T{0};
  return static_cast<T>(x >> distance);
}

}  // namespace

OpDef shift_right_op() {
  return {
      .doc =
          "x / 2^distance rounded down (signed types shift copies of the sign in). A distance below 0 or of the\n"
          "width or more gives 0.",
      .operands = {{"x", TypeClass::kInteger, "any dimensions"}, {"distance", TypeClass::kInteger, "the type of x"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // shift_right_c1, shift_right_c2
      .no_gradient = kDiscreteOperands,
      .reference = zip_integers<[](auto x, auto distance) { return shifted_right(x, distance); }>,
  };
}

}  // namespace dlc::ir
