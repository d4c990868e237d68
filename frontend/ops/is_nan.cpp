#include "frontend/ops/unary.h"

namespace dlc {

OpSpec is_nan_spec() { return unary_spec<ir::OpKind::kIsNan>("is_nan", "comparison", "Whether x is NaN."); }

Tensor is_nan(const TensorArg& x, std::string_view name) { return apply("is_nan", {x}, {}, name); }

}  // namespace dlc
