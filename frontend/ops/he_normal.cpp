#include "frontend/ops/initializer_spec.h"

namespace dlc {

OpSpec he_normal_spec() {
  return initializer_spec("he_normal", "Truncated normal of variance 2 / fan_in.", {},
                          [](ExpandContext& c) { return expand_scaled(c, 2, FanMode::kIn, false); });
}

Initializer he_normal(Seed seed) { return Initializer({"he_normal", with_seed({}, seed)}); }

}  // namespace dlc
