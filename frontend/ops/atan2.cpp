#include "frontend/ops/binary.h"

namespace dlc {

OpSpec atan2_spec() {
  return binary_spec("atan2", "trigonometry", "The angle of the point (x, y), f32 or f64.",
                     expand_binary<ir::OpKind::kAtan2>, "y", "x");
}

Tensor atan2(const TensorArg& y, const TensorArg& x, std::string_view name) { return apply("atan2", {y, x}, {}, name); }

}  // namespace dlc
