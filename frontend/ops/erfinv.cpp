#include "frontend/ops/unary.h"

namespace dlc {

OpSpec erfinv_spec() { return unary_spec<ir::OpKind::kErfinv>("erfinv", "error functions", "Inverse of erf."); }

Tensor erfinv(const TensorArg& x, std::string_view name) { return apply("erfinv", {x}, {}, name); }

}  // namespace dlc
