#include "frontend/ops/unary.h"

namespace dlc {

OpSpec log1p_spec() { return unary_spec<ir::OpKind::kLog1p>("log1p", "powers", "log(1 + x), exact for small x."); }

Tensor log1p(const TensorArg& x, std::string_view name) { return apply("log1p", {x}, {}, name); }

}  // namespace dlc
