#include "ir/ops/shift.h"

namespace dlc::ir {
namespace {

template <typename T>
T shifted_left(T x, T distance) {
  if (!within_width(distance)) return T{0};
  return wrapping<[](auto a, auto n) { return a << n; }>(x, distance);
}

}  // namespace

OpDef shift_left_op() {
  return {
      .doc = "x * 2^distance, wrapped. A distance below 0 or of the width or more gives 0.",
      .operands = {{"x", TypeClass::kInteger, "any dimensions"}, {"distance", TypeClass::kInteger, "the type of x"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_binary,  // shift_left_c1, shift_left_c2
      .no_gradient = kDiscreteOperands,
      .reference = zip_integers<[](auto x, auto distance) { return shifted_left(x, distance); }>,
  };
}

}  // namespace dlc::ir
