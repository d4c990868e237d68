#include "frontend/ops/unary.h"

namespace dlc {

OpSpec cos_spec() { return unary_spec<ir::OpKind::kCos>("cos", "trigonometry", "Cosine."); }

Tensor cos(const TensorArg& x, std::string_view name) { return apply("cos", {x}, {}, name); }

}  // namespace dlc
