#include "frontend/ops/binary.h"

namespace dlc {

OpSpec less_spec() {
  return binary_spec("less", "comparison", "x < y.", [](ExpandContext& c) { return expand_compare(c, "lt"); });
}

Tensor less(const TensorArg& x, const TensorArg& y, std::string_view name) { return apply("less", {x, y}, {}, name); }

}  // namespace dlc
