#include "frontend/ops/unary.h"

namespace dlc {

OpSpec tanh_spec() { return unary_spec<ir::OpKind::kTanh>("tanh", "trigonometry", "Hyperbolic tangent."); }

Tensor tanh(const TensorArg& x, std::string_view name) { return apply("tanh", {x}, {}, name); }

}  // namespace dlc
