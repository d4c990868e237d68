#include "frontend/ops/unary.h"

namespace dlc {

OpSpec sinh_spec() { return unary_spec<ir::OpKind::kSinh>("sinh", "trigonometry", "Hyperbolic sine."); }

Tensor sinh(const TensorArg& x, std::string_view name) { return apply("sinh", {x}, {}, name); }

}  // namespace dlc
