#include "frontend/ops/binary.h"

namespace dlc {

OpSpec greater_spec() {
  return binary_spec("greater", "comparison", "x > y.", [](ExpandContext& c) { return expand_compare(c, "gt"); });
}

Tensor greater(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("greater", {x, y}, {}, name);
}

}  // namespace dlc
