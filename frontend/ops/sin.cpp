#include "frontend/ops/unary.h"

namespace dlc {

OpSpec sin_spec() { return unary_spec<ir::OpKind::kSin>("sin", "trigonometry", "Sine."); }

Tensor sin(const TensorArg& x, std::string_view name) { return apply("sin", {x}, {}, name); }

}  // namespace dlc
