#include "frontend/ops/unary.h"

namespace dlc {

OpSpec floor_spec() { return unary_spec<ir::OpKind::kFloor>("floor", "rounding", "The largest integer <= x."); }

Tensor floor(const TensorArg& x, std::string_view name) { return apply("floor", {x}, {}, name); }

}  // namespace dlc
