#include "frontend/ops/random_source.h"

namespace dlc {

OpSpec random_uniform_spec() {
  return random_spec(
      "random_uniform", "Uniform on [minval, maxval), new in each run.",
      {default_attr("minval", 0.0, "lower end"), default_attr("maxval", 1.0, "upper end, not reached")},
      [](ExpandContext& c) {
        return std::vector{uniform(c, random_type(c), c.rng_state(), c.float_attr("minval"), c.float_attr("maxval"))};
      });
}

Tensor random_uniform(const Graph& graph, const DimsArg& dims, double minval, double maxval, DType dtype, Seed seed,
                      std::string_view name, std::source_location loc) {
  return apply_dims(graph, loc, "random_uniform", dims,
                    with_seed({{"minval", minval}, {"maxval", maxval}, {"dtype", dtype}}, seed), name);
}

Tensor random_uniform(const DimsArg& dims, double minval, double maxval, DType dtype, Seed seed, std::string_view name,
                      std::source_location loc) {
  return random_uniform(default_graph(), dims, minval, maxval, dtype, seed, name, loc);
}

}  // namespace dlc
