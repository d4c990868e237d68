#include "frontend/ops/random_source.h"

namespace dlc {

OpSpec truncated_normal_spec() {
  return random_normal_like(
      "truncated_normal", "Normal, cut off at two standard deviations, new in each run.", [](ExpandContext& c) {
        return std::vector{
            normal(c, random_type(c), c.rng_state(), c.float_attr("mean"), c.float_attr("stddev"), true)};
      });
}

Tensor truncated_normal(const Graph& graph, const DimsArg& dims, double mean, double stddev, DType dtype, Seed seed,
                        std::string_view name, std::source_location loc) {
  return apply_dims(graph, loc, "truncated_normal", dims,
                    with_seed({{"mean", mean}, {"stddev", stddev}, {"dtype", dtype}}, seed), name);
}

Tensor truncated_normal(const DimsArg& dims, double mean, double stddev, DType dtype, Seed seed, std::string_view name,
                        std::source_location loc) {
  return truncated_normal(default_graph(), dims, mean, stddev, dtype, seed, name, loc);
}

}  // namespace dlc
