#include "frontend/ops/initializer_spec.h"

namespace dlc {

OpSpec random_uniform_initializer_spec() {
  return initializer_spec(
      "random_uniform_initializer", "Uniform on [minval, maxval), the same in every session.",
      {default_attr("minval", -0.05, "lower end"), default_attr("maxval", 0.05, "upper end, not reached")},
      [](ExpandContext& c) {
        return std::vector{
            uniform(c, random_type(c), initializer_rng_state(c), c.float_attr("minval"), c.float_attr("maxval"))};
      });
}

Initializer random_uniform_initializer(double minval, double maxval, Seed seed) {
  return Initializer({"random_uniform_initializer", with_seed({{"minval", minval}, {"maxval", maxval}}, seed)});
}

}  // namespace dlc
