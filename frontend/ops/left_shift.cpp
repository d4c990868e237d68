#include "frontend/ops/binary.h"

namespace dlc {

OpSpec left_shift_spec() {
  return binary_spec("left_shift", "bits", "x * 2^y, wrapped; 0 for y of the width or more.",
                     expand_binary<ir::OpKind::kShiftLeft>);
}

Tensor left_shift(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("left_shift", {x, y}, {}, name);
}

}  // namespace dlc
