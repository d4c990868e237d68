#include "frontend/ops/initializer_spec.h"

namespace dlc {

OpSpec random_normal_initializer_spec() {
  return initializer_spec("random_normal_initializer", "Normal, the same in every session.",
                          {default_attr("mean", 0.0, "mean"), default_attr("stddev", 1.0, "standard deviation")},
                          [](ExpandContext& c) {
                            return std::vector{normal(c, random_type(c), initializer_rng_state(c), c.float_attr("mean"),
                                                      c.float_attr("stddev"), false)};
                          });
}

Initializer random_normal_initializer(double mean, double stddev, Seed seed) {
  return Initializer({"random_normal_initializer", with_seed({{"mean", mean}, {"stddev", stddev}}, seed)});
}

}  // namespace dlc
