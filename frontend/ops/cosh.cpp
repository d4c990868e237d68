#include "frontend/ops/unary.h"

namespace dlc {

OpSpec cosh_spec() { return unary_spec<ir::OpKind::kCosh>("cosh", "trigonometry", "Hyperbolic cosine."); }

Tensor cosh(const TensorArg& x, std::string_view name) { return apply("cosh", {x}, {}, name); }

}  // namespace dlc
