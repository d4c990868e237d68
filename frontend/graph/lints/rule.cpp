#include "frontend/graph/lints/rule.h"

#include "support/array.h"

namespace dlc::lints {

LintContext::LintContext(const Graph& g) : graph(g) {
  for (size_t i = 0; i < g.num_nodes(); ++i) {
    const Node& node = g.node(i);
    const bool initialises = node.is(OpRole::kInitialize);
    if (initialises) last_initialiser = &node;
    if (is_one_of(node, {"apply_gradient_descent", "apply_momentum", "apply_adam"})) trains = true;
    for (const Port& p : node.inputs) {
      users[p.node].push_back(&node);
      if (initialises) initialised.insert(p.node);
    }
    for (size_t k = 0; k < node.spec->operands.size(); ++k)
      if (node.spec->operands[k].ref)
        for (const Port& p : node.operand(static_cast<int>(k))) assigned.insert(p.node);
  }
}

const std::vector<const Node*>& LintContext::users_of(const Node& node) const {
  static const std::vector<const Node*> none;
  const auto it = users.find(&node);
  return it == users.end() ? none : it->second;
}

const Node& maker_of(Port port) {
  const Node* node = port.node;
  while (is_one_of(*node, {"identity", "stop_gradient", "reshape", "transpose", "squeeze", "expand_dims", "cast"}))
    node = node->inputs[0].node;
  return *node;
}

std::optional<double> number(const Node& node) {
  if (!node.is("constant")) return {};
  const Array& value = *node.find_attr<Array>("value");
  if (value.num_elements() != 1) return {};
  return value.value_as_double(0);
}

std::optional<Port> squared(const Node& node) {
  if (node.is("square")) return input(node, 0);
  if (node.is("multiply") && input(node, 0) == input(node, 1)) return input(node, 0);
  if (node.is("pow") && number(*input(node, 1).node) == 2) return input(node, 0);
  return {};
}

std::string described(const Node& node) {
  return fmt::format("{} '{}'{}", node.spec->name, node.name,
                     node.loc.known() ? fmt::format(" ({})", node.loc.str()) : "");
}

}  // namespace dlc::lints
