#include "frontend/ops/unary.h"

namespace dlc {

OpSpec sqrt_spec() { return unary_spec<ir::OpKind::kSqrt>("sqrt", "powers", "Square root; NaN below 0."); }

Tensor sqrt(const TensorArg& x, std::string_view name) { return apply("sqrt", {x}, {}, name); }

}  // namespace dlc
