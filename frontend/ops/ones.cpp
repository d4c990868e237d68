#include "frontend/ops/filled.h"

namespace dlc {

OpSpec ones_spec() {
  return filled_spec("ones", "1 (true) everywhere.", [](ExpandContext& c) { return expand_filled(c, 1); });
}

Tensor ones(const Graph& graph, const DimsArg& dims, DType dtype, std::string_view name, std::source_location loc) {
  return apply_dims(graph, loc, "ones", dims, {{"dtype", dtype}}, name);
}

Tensor ones(const DimsArg& dims, DType dtype, std::string_view name, std::source_location loc) {
  return ones(default_graph(), dims, dtype, name, loc);
}

}  // namespace dlc
