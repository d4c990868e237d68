#include "frontend/ops/binary.h"

namespace dlc {

OpSpec bitwise_xor_spec() {
  return binary_spec("bitwise_xor", "bits", "Bit by bit; logical of bool.", expand_binary<ir::OpKind::kXor>);
}

Tensor bitwise_xor(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("bitwise_xor", {x, y}, {}, name);
}

}  // namespace dlc
