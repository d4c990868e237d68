#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"

namespace dlc {

OpSpec group_spec() {
  return {.name = "group",
          .category = "control",
          .doc = "Done when all of its control inputs are.",
          .expand = [](ExpandContext&) { return std::vector<ir::Value>(); }};
}

Operation group(const Graph& graph, const std::vector<Fetch>& fetches, std::string_view name,
                std::source_location loc) {
  for (const Fetch& f : fetches)
    if (!(f.operation().graph() == graph))
      throw Exception(make_error(ErrorCode::kInvalidArgument, "group: '{}' is of another graph", f.name())
                          .at(SourceLoc(loc))
                          .note(fmt::format("'{}' was made at {}", f.name(), f.node().loc.str())));
  const Scope scope = control_dependencies(fetches);
  return make_node(graph, "group", {}, {}, name, loc);
}

Operation group(const std::vector<Fetch>& fetches, std::string_view name, std::source_location loc) {
  return group(fetches.empty() ? default_graph() : fetches.front().operation().graph(), fetches, name, loc);
}

}  // namespace dlc
