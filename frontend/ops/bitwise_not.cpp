#include "frontend/ops/unary.h"

namespace dlc {

OpSpec bitwise_not_spec() {
  return unary_spec<ir::OpKind::kNot>("bitwise_not", "bits", "Every bit flipped; logical not of bool.");
}

Tensor bitwise_not(const TensorArg& x, std::string_view name) { return apply("bitwise_not", {x}, {}, name); }

}  // namespace dlc
