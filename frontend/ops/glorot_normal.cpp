#include "frontend/ops/initializer_spec.h"

namespace dlc {

OpSpec glorot_normal_spec() {
  return initializer_spec("glorot_normal", "Truncated normal of variance 2 / (fan_in + fan_out).", {},
                          [](ExpandContext& c) { return expand_scaled(c, 1, FanMode::kAverage, false); });
}

Initializer glorot_normal(Seed seed) { return Initializer({"glorot_normal", with_seed({}, seed)}); }

}  // namespace dlc
