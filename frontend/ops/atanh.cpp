#include "frontend/ops/unary.h"

namespace dlc {

OpSpec atanh_spec() { return unary_spec<ir::OpKind::kAtanh>("atanh", "trigonometry", "Inverse hyperbolic tangent."); }

Tensor atanh(const TensorArg& x, std::string_view name) { return apply("atanh", {x}, {}, name); }

}  // namespace dlc
