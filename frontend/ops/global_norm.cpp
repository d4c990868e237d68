#include "frontend/ops/norms.h"

namespace dlc {

OpSpec global_norm_spec() {
  return {.name = "global_norm",
          .category = "training",
          .doc = "The root of the sum of the squares of all elements of all tensors.",
          .operands = {{.name = "xs", .doc = "f32 or f64, one element type", .variadic = true}},
          .expand = [](ExpandContext& c) { return std::vector{expansions::global_norm(c, c.list(0))}; }};
}

Tensor global_norm(const std::vector<Tensor>& xs, std::string_view name, std::source_location loc) {
  return apply("global_norm", {OperandArg(xs, loc)}, {}, name);
}

}  // namespace dlc
