#include "frontend/ops/binary.h"

namespace dlc {

OpSpec minimum_spec() {
  return binary_spec("minimum", "arithmetic", "The smaller; NaN if one is NaN.", expand_binary<ir::OpKind::kMin>);
}

Tensor minimum(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("minimum", {x, y}, {}, name);
}

}  // namespace dlc
