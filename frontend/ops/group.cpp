#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"

namespace dlc {

OpSpec group_spec() {
  return {.name = "group",
          .category = "control",
          .doc = "Done when all of its control inputs are.",
          .expand = [](ExpandContext&) { return std::vector<ir::Value>(); }};
}

Operation group(const std::vector<Fetch>& fetches, std::string_view name, std::source_location loc) {
  const Graph graph = fetches.empty() ? default_graph() : fetches.front().operation().graph();
  const Scope scope = control_dependencies(fetches);
  return make_node(graph, "group", {}, {}, name, loc);
}

}  // namespace dlc
