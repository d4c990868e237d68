#include "frontend/ops/unary.h"

namespace dlc {

OpSpec exp_spec() { return unary_spec<ir::OpKind::kExp>("exp", "powers", "e^x."); }

Tensor exp(const TensorArg& x, std::string_view name) { return apply("exp", {x}, {}, name); }

}  // namespace dlc
