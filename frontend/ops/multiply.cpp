#include "frontend/ops/binary.h"

namespace dlc {

OpSpec multiply_spec() { return binary_spec("multiply", "arithmetic", "x * y.", expand_binary<ir::OpKind::kMul>); }

Tensor multiply(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("multiply", {x, y}, {}, name);
}

}  // namespace dlc
