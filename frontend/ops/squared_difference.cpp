#include "frontend/ops/binary.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_squared_difference(ExpandContext& c) {
  const auto [x, y] = pair_of(c);
  const Value d = c.b.sub(x, y);
  return {c.b.mul(d, d)};
}

}  // namespace

OpSpec squared_difference_spec() {
  return binary_spec("squared_difference", "arithmetic", "(x - y)^2.", expand_squared_difference);
}

Tensor squared_difference(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("squared_difference", {x, y}, {}, name);
}

}  // namespace dlc
