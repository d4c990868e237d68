#include "frontend/ops/unary.h"

namespace dlc {

OpSpec is_finite_spec() {
  return unary_spec<ir::OpKind::kIsFinite>("is_finite", "comparison", "Whether x is neither infinite nor NaN.");
}

Tensor is_finite(const TensorArg& x, std::string_view name) { return apply("is_finite", {x}, {}, name); }

}  // namespace dlc
