#include "frontend/ops/binary.h"

namespace dlc {

OpSpec less_equal_spec() {
  return binary_spec("less_equal", "comparison", "x <= y.", [](ExpandContext& c) { return expand_compare(c, "le"); });
}

Tensor less_equal(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("less_equal", {x, y}, {}, name);
}

}  // namespace dlc
