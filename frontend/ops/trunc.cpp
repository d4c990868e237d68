#include "frontend/ops/unary.h"

namespace dlc {

OpSpec trunc_spec() { return unary_spec<ir::OpKind::kTrunc>("trunc", "rounding", "x without its fraction."); }

Tensor trunc(const TensorArg& x, std::string_view name) { return apply("trunc", {x}, {}, name); }

}  // namespace dlc
