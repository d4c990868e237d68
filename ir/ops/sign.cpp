#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

/// NaN and zeros are kept.
template <typename T>
T sign_of(T x) {
  if (x > T{0}) return T{1};
  if constexpr (!std::is_unsigned_v<T>)
    if (x < T{0}) return static_cast<T>(-1);
  return x;
}

}  // namespace

OpDef sign_op() {
  return {
      .doc = "-1, 0 or 1; zeros keep their sign, NaN stays NaN.",
      .operands = {{"x", TypeClass::kNumeric, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = kPiecewiseConstant,
      .reference = map_numbers<[](auto x) { return sign_of(x); }>,
  };
}

}  // namespace dlc::ir
