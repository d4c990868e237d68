#include "frontend/graph/lints/rule.h"

namespace dlc::lints {

namespace {

/// A graph without an optimiser is there to be run, and none of its variables is updated.
std::optional<Finding> check_variable_never_updated(const LintContext& c, const Node& variable) {
  if (!c.trains || !variable.is(OpRole::kVariable) || !*variable.find_attr<bool>("trainable")) return {};
  if (c.assigned.contains(&variable)) return {};
  const auto& users = c.users_of(variable);
  const bool read =
      std::any_of(users.begin(), users.end(), [](const Node* user) { return !user->is(OpRole::kInitialize); });
  if (!read) return {};
  return Finding{fmt::format("trainable variable '{}' is read, but no operation updates it, although the graph trains "
                             "others: it keeps its initial value",
                             variable.name),
                 "let the loss depend on it by differentiable operations (a stop_gradient, an integer, a comparison or "
                 "a step function on the way cuts it off), or make it with trainable = false"};
}

}  // namespace

Rule variable_never_updated_rule() {
  return {.code = "DLC-L002",
          .name = "variable-never-updated",
          .doc = "A trainable variable that is read but that no operation assigns, in a graph that trains others.",
          .check = check_variable_never_updated};
}

}  // namespace dlc::lints
