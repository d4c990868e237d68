#include "frontend/ops/running.h"

namespace dlc {

OpSpec cumprod_spec() {
  return running_spec("cumprod", "Running products along `axis`.",
                      [](ExpandContext& c) { return expand_running(c, "prod"); });
}

Tensor cumprod(const TensorArg& x, int64_t axis, bool exclusive, bool reverse, std::string_view name) {
  return apply("cumprod", {x}, {{"axis", axis}, {"exclusive", exclusive}, {"reverse", reverse}}, name);
}

}  // namespace dlc
