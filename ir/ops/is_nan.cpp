#include "ir/ops/elementwise.h"

namespace dlc::ir {

OpDef is_nan_op() {
  return {
      .doc = "Whether x is NaN.",
      .operands = {{"x", TypeClass::kFloating, "any dimensions"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_predicate,
      .no_gradient = "the result is bool",
      .reference = map_floats<[](auto x) -> bool { return std::isnan(x); }>,
  };
}

}  // namespace dlc::ir
