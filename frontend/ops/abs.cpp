#include "frontend/ops/unary.h"

namespace dlc {

OpSpec abs_spec() { return unary_spec<ir::OpKind::kAbs>("abs", "arithmetic", "|x|."); }

Tensor abs(const TensorArg& x, std::string_view name) { return apply("abs", {x}, {}, name); }

}  // namespace dlc
