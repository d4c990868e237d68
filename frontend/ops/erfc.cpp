#include "frontend/ops/unary.h"

namespace dlc {

OpSpec erfc_spec() {
  return unary_spec<ir::OpKind::kErfc>("erfc", "error functions", "1 - erf(x), exact for large x.");
}

Tensor erfc(const TensorArg& x, std::string_view name) { return apply("erfc", {x}, {}, name); }

}  // namespace dlc
