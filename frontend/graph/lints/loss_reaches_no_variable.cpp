#include "frontend/graph/lints/rule.h"
#include "frontend/train/gradients.h"

namespace dlc::lints {

namespace {

/// The optimiser's update that takes this gradient as it is; null if there is none.
const Node* update_with(const LintContext& c, Port gradient) {
  for (const Node* user : c.users_of(*gradient.node)) {
    const int at = user->spec->operand_index("gradient");
    if (at >= 0 && user->spec->assigns() && input(*user, at) == gradient) return user;
  }
  return nullptr;
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
    const Node* update = reached[i] ? nullptr : update_with(c, {&node, static_cast<int>(i)});
    if (!update) continue;
    return Finding{fmt::format("the gradient of '{}' with respect to '{}' is always 0, for no way of differentiable "
                               "operations leads from one to the other, and '{}' updates '{}' with it",
                               ys[0].name(), xs[i].name(), update->name, port_name(input(*update, 0))),
                   "let the loss depend on it, or leave it out of the variables that are trained"};
  }
  return {};
}

}  // namespace

Rule loss_reaches_no_variable_rule() {
  return {.code = "DLC-L004",
          .name = "loss-reaches-no-variable",
          .doc = "An optimiser's update whose gradient is zeros, since the loss does not depend on the variable.",
          .check = check_loss_reaches_no_variable};
}

}  // namespace dlc::lints
