#include "frontend/ops/binary.h"

namespace dlc {

OpSpec equal_spec() {
  return binary_spec("equal", "comparison", "x == y.", [](ExpandContext& c) { return expand_compare(c, "eq"); });
}

Tensor equal(const TensorArg& x, const TensorArg& y, std::string_view name) { return apply("equal", {x, y}, {}, name); }

}  // namespace dlc
