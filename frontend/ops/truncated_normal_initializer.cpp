#include "frontend/ops/initializer_spec.h"

namespace dlc {

OpSpec truncated_normal_initializer_spec() {
  return initializer_spec(
      "truncated_normal_initializer",
      "Normal, cut off at two standard deviations from the mean, the same in every session.",
      {default_attr("mean", 0.0, "mean"), default_attr("stddev", 1.0, "standard deviation before the cut")},
      [](ExpandContext& c) {
        return std::vector{
            normal(c, random_type(c), initializer_rng_state(c), c.float_attr("mean"), c.float_attr("stddev"), true)};
      });
}

Initializer truncated_normal_initializer(double mean, double stddev, Seed seed) {
  return Initializer({"truncated_normal_initializer", with_seed({{"mean", mean}, {"stddev", stddev}}, seed)});
}

}  // namespace dlc
