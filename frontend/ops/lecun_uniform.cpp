#include "frontend/ops/initializer_spec.h"

namespace dlc {

OpSpec lecun_uniform_spec() {
  return initializer_spec("lecun_uniform", "Uniform on +-sqrt(3 / fan_in).", {},
                          [](ExpandContext& c) { return expand_scaled(c, 1, FanMode::kIn, true); });
}

Initializer lecun_uniform(Seed seed) { return Initializer({"lecun_uniform", with_seed({}, seed)}); }

}  // namespace dlc
