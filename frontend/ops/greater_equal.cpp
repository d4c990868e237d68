#include "frontend/ops/binary.h"

namespace dlc {

OpSpec greater_equal_spec() {
  return binary_spec("greater_equal", "comparison", "x >= y.",
                     [](ExpandContext& c) { return expand_compare(c, "ge"); });
}

Tensor greater_equal(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("greater_equal", {x, y}, {}, name);
}

}  // namespace dlc
