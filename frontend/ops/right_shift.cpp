#include "frontend/ops/binary.h"

namespace dlc {

OpSpec right_shift_spec() {
  return binary_spec("right_shift", "bits", "x / 2^y rounded down; 0 for y of the width or more.",
                     expand_binary<ir::OpKind::kShiftRight>);
}

Tensor right_shift(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("right_shift", {x, y}, {}, name);
}

}  // namespace dlc
