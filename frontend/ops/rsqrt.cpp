#include "frontend/ops/unary.h"

namespace dlc {

OpSpec rsqrt_spec() { return unary_spec<ir::OpKind::kRsqrt>("rsqrt", "powers", "1 / sqrt(x)."); }

Tensor rsqrt(const TensorArg& x, std::string_view name) { return apply("rsqrt", {x}, {}, name); }

}  // namespace dlc
