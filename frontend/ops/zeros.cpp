#include "frontend/ops/filled.h"

namespace dlc {

OpSpec zeros_spec() {
  return filled_spec("zeros", "0 (false) everywhere.", [](ExpandContext& c) { return expand_filled(c, 0); });
}

Tensor zeros(const Graph& graph, const DimsArg& dims, DType dtype, std::string_view name, std::source_location loc) {
  return apply_dims(graph, loc, "zeros", dims, {{"dtype", dtype}}, name);
}

Tensor zeros(const DimsArg& dims, DType dtype, std::string_view name, std::source_location loc) {
  return zeros(default_graph(), dims, dtype, name, loc);
}

}  // namespace dlc
