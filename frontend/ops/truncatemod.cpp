#include "frontend/ops/binary.h"

namespace dlc {

OpSpec truncatemod_spec() {
  return binary_spec("truncatemod", "arithmetic", "x - y * trunc(x / y): the sign of x. Integers: y = 0 fails the run.",
                     expand_binary<ir::OpKind::kRem>);
}

Tensor truncatemod(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("truncatemod", {x, y}, {}, name);
}

}  // namespace dlc
