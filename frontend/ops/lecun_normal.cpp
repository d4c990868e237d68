#include "frontend/ops/initializer_spec.h"

namespace dlc {

OpSpec lecun_normal_spec() {
  return initializer_spec("lecun_normal", "Truncated normal of variance 1 / fan_in.", {},
                          [](ExpandContext& c) { return expand_scaled(c, 1, FanMode::kIn, false); });
}

Initializer lecun_normal(Seed seed) { return Initializer({"lecun_normal", with_seed({}, seed)}); }

}  // namespace dlc
