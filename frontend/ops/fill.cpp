#include "frontend/ops/filled.h"

namespace dlc {

OpSpec fill_spec() {
  return filled_spec("fill", "The same value everywhere.",
                     [](ExpandContext& c) { return expand_filled(c, c.element_attr("value", c.dtype_attr("dtype"))); },
                     {required_attr("value", 0.0, "of every element")});
}

Tensor fill(const Graph& graph, const DimsArg& dims, double value, DType dtype, std::string_view name,
            std::source_location loc) {
  return apply_dims(graph, loc, "fill", dims, {{"value", value}, {"dtype", dtype}}, name);
}

Tensor fill(const DimsArg& dims, double value, DType dtype, std::string_view name, std::source_location loc) {
  return fill(default_graph(), dims, value, dtype, name, loc);
}

}  // namespace dlc
