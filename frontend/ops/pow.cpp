#include "frontend/ops/binary.h"

namespace dlc {

OpSpec pow_spec() {
  return binary_spec("pow", "powers", "x^y of f32 or f64; x^0 is 1.", expand_binary<ir::OpKind::kPow>);
}

Tensor pow(const TensorArg& x, const TensorArg& y, std::string_view name) { return apply("pow", {x, y}, {}, name); }

}  // namespace dlc
