#include "frontend/ops/unary.h"

namespace dlc {

OpSpec erf_spec() { return unary_spec<ir::OpKind::kErf>("erf", "error functions", "Error function."); }

Tensor erf(const TensorArg& x, std::string_view name) { return apply("erf", {x}, {}, name); }

}  // namespace dlc
