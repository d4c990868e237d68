#include "frontend/ops/binary.h"

namespace dlc {

OpSpec logical_xor_spec() {
  return binary_spec("logical_xor", "logic", "Either x or y.", expand_logical<ir::OpKind::kXor>);
}

Tensor logical_xor(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("logical_xor", {x, y}, {}, name);
}

}  // namespace dlc
