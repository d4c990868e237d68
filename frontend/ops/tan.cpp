#include "frontend/ops/unary.h"

namespace dlc {

OpSpec tan_spec() { return unary_spec<ir::OpKind::kTan>("tan", "trigonometry", "Tangent."); }

Tensor tan(const TensorArg& x, std::string_view name) { return apply("tan", {x}, {}, name); }

}  // namespace dlc
