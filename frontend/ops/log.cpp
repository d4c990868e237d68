#include "frontend/ops/unary.h"

namespace dlc {

OpSpec log_spec() { return unary_spec<ir::OpKind::kLog>("log", "powers", "Natural logarithm."); }

Tensor log(const TensorArg& x, std::string_view name) { return apply("log", {x}, {}, name); }

}  // namespace dlc
