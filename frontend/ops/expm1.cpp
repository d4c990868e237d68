#include "frontend/ops/unary.h"

namespace dlc {

OpSpec expm1_spec() { return unary_spec<ir::OpKind::kExpm1>("expm1", "powers", "e^x - 1, exact for small x."); }

Tensor expm1(const TensorArg& x, std::string_view name) { return apply("expm1", {x}, {}, name); }

}  // namespace dlc
