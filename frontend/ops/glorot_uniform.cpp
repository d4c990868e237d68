#include "frontend/ops/initializer_spec.h"

namespace dlc {

OpSpec glorot_uniform_spec() {
  return initializer_spec("glorot_uniform", "Uniform on +-sqrt(6 / (fan_in + fan_out)).", {},
                          [](ExpandContext& c) { return expand_scaled(c, 1, FanMode::kAverage, true); });
}

Initializer glorot_uniform(Seed seed) { return Initializer({"glorot_uniform", with_seed({}, seed)}); }

}  // namespace dlc
