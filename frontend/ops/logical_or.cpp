#include "frontend/ops/binary.h"

namespace dlc {

OpSpec logical_or_spec() { return binary_spec("logical_or", "logic", "x or y.", expand_logical<ir::OpKind::kOr>); }

Tensor logical_or(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("logical_or", {x, y}, {}, name);
}

}  // namespace dlc
