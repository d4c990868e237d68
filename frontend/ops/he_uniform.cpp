#include "frontend/ops/initializer_spec.h"

namespace dlc {

OpSpec he_uniform_spec() {
  return initializer_spec("he_uniform", "Uniform on +-sqrt(6 / fan_in).", {},
                          [](ExpandContext& c) { return expand_scaled(c, 2, FanMode::kIn, true); });
}

Initializer he_uniform(Seed seed) { return Initializer({"he_uniform", with_seed({}, seed)}); }

}  // namespace dlc
