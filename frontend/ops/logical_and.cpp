#include "frontend/ops/binary.h"

namespace dlc {

OpSpec logical_and_spec() { return binary_spec("logical_and", "logic", "x and y.", expand_logical<ir::OpKind::kAnd>); }

Tensor logical_and(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("logical_and", {x, y}, {}, name);
}

}  // namespace dlc
