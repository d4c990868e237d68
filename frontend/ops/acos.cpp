#include "frontend/ops/unary.h"

namespace dlc {

OpSpec acos_spec() { return unary_spec<ir::OpKind::kAcos>("acos", "trigonometry", "Inverse cosine."); }

Tensor acos(const TensorArg& x, std::string_view name) { return apply("acos", {x}, {}, name); }

}  // namespace dlc
