#include "frontend/ops/unary.h"

namespace dlc {

OpSpec ceil_spec() { return unary_spec<ir::OpKind::kCeil>("ceil", "rounding", "The smallest integer >= x."); }

Tensor ceil(const TensorArg& x, std::string_view name) { return apply("ceil", {x}, {}, name); }

}  // namespace dlc
