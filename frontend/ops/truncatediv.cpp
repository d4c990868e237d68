#include "frontend/ops/binary.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_truncatediv(ExpandContext& c) {
  c.need_integer(0);
  return expand_binary<ir::OpKind::kDiv>(c);
}

}  // namespace

OpSpec truncatediv_spec() {
  return binary_spec("truncatediv", "arithmetic", "x / y of integers, rounded towards zero; y = 0 fails the run.",
                     expand_truncatediv);
}

Tensor truncatediv(const TensorArg& x, const TensorArg& y, std::string_view name) {
  return apply("truncatediv", {x, y}, {}, name);
}

}  // namespace dlc
