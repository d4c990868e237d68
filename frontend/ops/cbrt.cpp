#include "frontend/ops/unary.h"

namespace dlc {

OpSpec cbrt_spec() { return unary_spec<ir::OpKind::kCbrt>("cbrt", "powers", "Cube root."); }

Tensor cbrt(const TensorArg& x, std::string_view name) { return apply("cbrt", {x}, {}, name); }

}  // namespace dlc
