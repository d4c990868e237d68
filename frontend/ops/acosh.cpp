#include "frontend/ops/unary.h"

namespace dlc {

OpSpec acosh_spec() { return unary_spec<ir::OpKind::kAcosh>("acosh", "trigonometry", "Inverse hyperbolic cosine."); }

Tensor acosh(const TensorArg& x, std::string_view name) { return apply("acosh", {x}, {}, name); }

}  // namespace dlc
