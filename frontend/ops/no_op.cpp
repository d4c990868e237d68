#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"

namespace dlc {

OpSpec no_op_spec() {
  return {.name = "no_op",
          .category = "control",
          .doc = "Does nothing, after its control inputs.",
          .expand = [](ExpandContext&) { return std::vector<ir::Value>(); }};
}

Operation no_op(const Graph& graph, std::string_view name, std::source_location loc) {
  return make_node(graph, "no_op", {}, {}, name, loc);
}

Operation no_op(std::string_view name, std::source_location loc) { return no_op(default_graph(), name, loc); }

}  // namespace dlc
