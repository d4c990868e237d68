#include "frontend/ops/unary.h"

namespace dlc {

OpSpec negative_spec() { return unary_spec<ir::OpKind::kNeg>("negative", "arithmetic", "-x."); }

Tensor negative(const TensorArg& x, std::string_view name) { return apply("negative", {x}, {}, name); }

}  // namespace dlc
