#include "frontend/ops/unary.h"

namespace dlc {

OpSpec asin_spec() { return unary_spec<ir::OpKind::kAsin>("asin", "trigonometry", "Inverse sine."); }

Tensor asin(const TensorArg& x, std::string_view name) { return apply("asin", {x}, {}, name); }

}  // namespace dlc
