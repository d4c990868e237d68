#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef is_finite_op() {
  return {
      .doc = "Whether x is neither infinite nor NaN.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_predicate,
      .no_gradient = "the result is bool",
      .reference = map_floats<[](auto x) -> bool { return std::isfinite(x); }>,
  };
}

}  // namespace dlc::ir
