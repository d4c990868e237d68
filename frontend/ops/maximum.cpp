#include "frontend/ops/binary.h"

namespace dlc {

OpSpec maximum_spec() {
  return binary_spec("maximum", "arithmetic", "The larger; NaN if one is NaN.", expand_binary<ir::OpKind::kMax>);
}

Tensor maximum(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("maximum", {x, y}, {}, name);
}

}  // namespace dlc
