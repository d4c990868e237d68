#include "frontend/ops/random_source.h"

namespace dlc {

OpSpec random_normal_spec() {
  return random_normal_like("random_normal", "Normal, new in each run.", [](ExpandContext& c) {
    return std::vector{normal(c, random_type(c), c.rng_state(), c.float_attr("mean"), c.float_attr("stddev"), false)};
  });
}

Tensor random_normal(const Graph& graph, const DimsArg& dims, double mean, double stddev, DType dtype, Seed seed,
                     std::string_view name, std::source_location loc) {
  return apply_dims(graph, loc, "random_normal", dims,
                    with_seed({{"mean", mean}, {"stddev", stddev}, {"dtype", dtype}}, seed), name);
}

Tensor random_normal(const DimsArg& dims, double mean, double stddev, DType dtype, Seed seed, std::string_view name,
                     std::source_location loc) {
  return random_normal(default_graph(), dims, mean, stddev, dtype, seed, name, loc);
}

}  // namespace dlc
