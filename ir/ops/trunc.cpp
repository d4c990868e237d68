#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef trunc_op() {
  return {
      .doc = "x without its fraction: rounded towards zero.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_unary,
      .no_gradient = kPiecewiseConstant,
      .reference = map_floats<[](auto x) { return std::trunc(x); }>,
  };
}

}  // namespace dlc::ir
