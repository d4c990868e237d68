#include "frontend/graph/lints/rule.h"
#include "frontend/train/gradients.h"

namespace dlc::lints {

namespace {

struct Update {
  const Node* node = nullptr;
  const Node* variable = nullptr;
};

/// The update that a gradient goes into: an optimiser's, an assign_add or assign_sub, or the assign of the variable
/// minus it; as it is, or scaled. No node: there is none.
Update update_with(const LintContext& c, Port gradient, int depth = 0) {
  constexpr int kMostSteps = 4;
  for (const Node* user : c.users_of(*gradient.node)) {
    const bool reads = std::find(user->inputs.begin(), user->inputs.end(), gradient) != user->inputs.end();
    if (!reads) continue;
    if (user->spec->assigns()) {
      const int at = user->spec->operand_index(is_one_of(*user, {"assign_add", "assign_sub"}) ? "value" : "gradient");
      if (at >= 0 && input(*user, at) == gradient) return {user, input(*user, 0).node};
      continue;
    }
    const bool scales =
        is_one_of(*user, {"identity", "negative", "multiply"}) || (user->is("divide") && input(*user, 0) == gradient);
    if (scales && depth < kMostSteps)
      if (const Update found = update_with(c, {user, 0}, depth + 1); found.node) return found;
    if (!is_one_of(*user, {"add", "subtract"})) continue;
    for (const Node* next : c.users_of(*user))
      if (next->is("assign") && input(*next, 1).node == user &&
          (input(*user, 0) == input(*next, 0) || input(*user, 1) == input(*next, 0)))
        return {next, input(*next, 0).node};
  }
  return {};
}

/// minimize() throws when a loss reaches no variable at all, and gradients() for an x that it does not
/// reach; with Unconnected::kZeros they are zeros, and an update with them changes nothing.
std::optional<Finding> check_loss_reaches_no_variable(const LintContext& c, const Node& node) {
  if (!node.is(OpRole::kGradients)) return {};
  const auto tensors = [&](const char* list) {
    std::vector<Tensor> out;
    for (const Port& p : node.operand(list)) out.emplace_back(c.graph.state(), p);
    return out;
  };
  const std::vector<Tensor> ys = tensors("ys"), xs = tensors("xs");
  const std::vector<bool> reached = connected(ys, xs, tensors("stop_gradients"));
  for (size_t i = 0; i < xs.size(); ++i) {
    if (reached[i]) continue;
    const Update update = update_with(c, {&node, static_cast<int>(i)});
    if (!update.node) continue;
    return Finding{fmt::format("the gradient of '{}' with respect to '{}' is always 0, for no way of differentiable "
                               "operations leads from one to the other, and '{}' updates '{}' with it",
                               ys[0].name(), xs[i].name(), update.node->name, update.variable->name),
                   "let the loss depend on it, or leave it out of the variables that are trained"};
  }
  return {};
}

}  // namespace

Rule loss_reaches_no_variable_rule() {
  return {.code = "DLC-L004",
          .name = "loss-reaches-no-variable",
          .doc =
              "An update, an optimiser's or an assignment, whose gradient is zeros, since the loss does not depend on "
              "the variable.",
          .check = check_loss_reaches_no_variable};
}

}  // namespace dlc::lints
