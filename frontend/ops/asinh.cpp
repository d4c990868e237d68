#include "frontend/ops/unary.h"

namespace dlc {

OpSpec asinh_spec() { return unary_spec<ir::OpKind::kAsinh>("asinh", "trigonometry", "Inverse hyperbolic sine."); }

Tensor asinh(const TensorArg& x, std::string_view name) { return apply("asinh", {x}, {}, name); }

}  // namespace dlc
