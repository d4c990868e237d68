#include "frontend/ops/running.h"

namespace dlc {

OpSpec cumsum_spec() {
  return running_spec("cumsum", "Running sums along `axis`.",
                      [](ExpandContext& c) { return expand_running(c, "sum"); });
}

Tensor cumsum(const TensorArg& x, int64_t axis, bool exclusive, bool reverse, std::string_view name) {
  return apply("cumsum", {x}, {{"axis", axis}, {"exclusive", exclusive}, {"reverse", reverse}}, name);
}

}  // namespace dlc
