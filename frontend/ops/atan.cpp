#include "frontend/ops/unary.h"

namespace dlc {

OpSpec atan_spec() { return unary_spec<ir::OpKind::kAtan>("atan", "trigonometry", "Inverse tangent."); }

Tensor atan(const TensorArg& x, std::string_view name) { return apply("atan", {x}, {}, name); }

}  // namespace dlc
