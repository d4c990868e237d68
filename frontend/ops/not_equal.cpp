#include "frontend/ops/binary.h"

namespace dlc {

OpSpec not_equal_spec() {
  return binary_spec("not_equal", "comparison", "x != y; true where one is NaN.",
                     [](ExpandContext& c) { return expand_compare(c, "ne"); });
}

Tensor not_equal(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("not_equal", {x, y}, {}, name);
}

}  // namespace dlc
