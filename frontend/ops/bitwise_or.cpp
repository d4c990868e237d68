#include "frontend/ops/binary.h"

namespace dlc {

OpSpec bitwise_or_spec() {
  return binary_spec("bitwise_or", "bits", "Bit by bit; logical of bool.", expand_binary<ir::OpKind::kOr>);
}

Tensor bitwise_or(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("bitwise_or", {x, y}, {}, name);
}

}  // namespace dlc
