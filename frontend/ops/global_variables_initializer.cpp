#include "frontend/graph/make_node.h"
#include "frontend/ops/core.h"

namespace dlc {

OpSpec global_variables_initializer_spec() {
  return {.name = "global_variables_initializer",
          .category = "state",
          .doc = "Gives each of these variables its initial value.",
          .operands = {{.name = "variables", .doc = "variables", .variadic = true, .dtype_group = -1}},
          .role = OpRole::kInitialize};
}

Operation variables_initializer(const Graph& graph, const std::vector<Tensor>& variables, std::string_view name,
                                std::source_location loc) {
  return make_node(graph, "global_variables_initializer", {OperandArg(variables, loc)}, {}, name, loc);
}

Operation variables_initializer(const std::vector<Tensor>& variables, std::string_view name, std::source_location loc) {
  return variables_initializer(variables.empty() ? default_graph() : variables.front().graph(), variables, name, loc);
}

Operation global_variables_initializer(const Graph& graph, std::string_view name, std::source_location loc) {
  return variables_initializer(graph, graph.variables(), name, loc);
}

Operation global_variables_initializer(std::string_view name, std::source_location loc) {
  return global_variables_initializer(default_graph(), name, loc);
}

}  // namespace dlc
