#include "frontend/ops/binary.h"

namespace dlc {

OpSpec bitwise_and_spec() {
  return binary_spec("bitwise_and", "bits", "Bit by bit; logical of bool.", expand_binary<ir::OpKind::kAnd>);
}

Tensor bitwise_and(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("bitwise_and", {x, y}, {}, name);
}

}  // namespace dlc
