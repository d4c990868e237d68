#include "frontend/ops/binary.h"

namespace dlc {

OpSpec subtract_spec() { return binary_spec("subtract", "arithmetic", "x - y.", expand_binary<ir::OpKind::kSub>); }

Tensor subtract(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("subtract", {x, y}, {}, name);
}

}  // namespace dlc
