#include "frontend/ops/unary.h"

namespace dlc {

OpSpec sign_spec() { return unary_spec<ir::OpKind::kSign>("sign", "arithmetic", "-1, 0 or 1; NaN stays NaN."); }

Tensor sign(const TensorArg& x, std::string_view name) { return apply("sign", {x}, {}, name); }

}  // namespace dlc
