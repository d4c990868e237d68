#include <fmt/ranges.h>

#include "frontend/graph/lints/rule.h"

namespace dlc::lints {

namespace {

/// Only the last initialiser is looked at, and only a graph that has one. Values that a session sets or restores from a
/// checkpoint are not in the graph; the message says so.
std::optional<Finding> check_variable_never_initialised(const LintContext& c, const Node& node) {
  if (&node != c.last_initialiser) return {};
  constexpr size_t kMostNamed = 3;
  std::vector<std::string> names;
  size_t missing = 0;
  for (const Tensor& v : c.graph.variables()) {
    const Node& variable = v.node();
    const auto& users = c.users_of(variable);
    const bool set = std::any_of(users.begin(), users.end(), [](const Node* u) { return u->is("assign"); });
    // One that was there before was left out on purpose: variables_initializer names its variables.
    if (c.initialised.contains(&variable) || set || variable.id < node.id) continue;
    if (++missing <= kMostNamed) names.push_back("'" + variable.name + "'");
  }
  if (missing == 0) return {};
  const std::string more = missing > kMostNamed ? fmt::format(" and {} more", missing - kMostNamed) : "";
  return Finding{
      fmt::format("'{}' does not initialise {}{}: made after it, and no assign in the graph gives a first "
                  "value (one from Session::set_value or a checkpoint, which the graph does not show, will do)",
                  node.name, fmt::join(names, ", "), more),
      "call global_variables_initializer() after all variables are made; optimisers make some too"};
}

}  // namespace

Rule variable_never_initialised_rule() {
  return {.code = "DLC-L003",
          .name = "variable-never-initialised",
          .doc = "Variables that were made after the initialiser, those of an optimiser, say: it does not know them.",
          .check = check_variable_never_initialised};
}

}  // namespace dlc::lints
