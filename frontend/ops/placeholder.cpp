#include "frontend/graph/make_node.h"
#include "frontend/ops/core.h"

namespace dlc {

OpSpec placeholder_spec() {
  return {.name = "placeholder",
          .category = "sources",
          .doc = "A value that each run is given.",
          .attrs = {required_attr("dtype", kFloat32, "element type"),
                    required_attr("dims", ir::Dims{}, "sizes, or symbols that feeds determine")},
          .role = OpRole::kPlaceholder};
}

Tensor placeholder(const Graph& graph, DType dtype, const DimsArg& dims, std::string_view name,
                   std::source_location loc) {
  return apply_dims(graph, loc, "placeholder", dims, {{"dtype", dtype}}, name);
}

Tensor placeholder(DType dtype, const DimsArg& dims, std::string_view name, std::source_location loc) {
  return placeholder(default_graph(), dtype, dims, name, loc);
}

}  // namespace dlc
