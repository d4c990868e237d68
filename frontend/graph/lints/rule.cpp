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

Port source_of(Port port) {
  while (is_one_of(*port.node, {"identity", "stop_gradient", "reshape", "transpose", "squeeze", "expand_dims", "cast"}))
    port = port.node->inputs[0];
  return port;
}

namespace {

bool same_to_depth(Port a, Port b, int depth) {
  constexpr int kDeepest = 4;  // what a line of a program says twice
  if (a == b) return true;
  const Node &m = *a.node, &n = *b.node;
  const bool alike = m.spec == n.spec && a.index == b.index && m.spec->role == OpRole::kOrdinary && !m.spec->seeded &&
                     !m.spec->assigns() && m.inputs.size() == n.inputs.size() && m.attrs.size() == n.attrs.size();
  if (!alike || depth == kDeepest) return false;
  for (const auto& [name, value] : m.attrs) {
    const auto it = n.attrs.find(name);
    if (it == n.attrs.end() || !attr_equal(value, it->second)) return false;
  }
  for (size_t i = 0; i < m.inputs.size(); ++i)
    if (!same_to_depth(m.inputs[i], n.inputs[i], depth + 1)) return false;
  return true;
}

}  // namespace

bool same_value(Port a, Port b) { return same_to_depth(a, b, 0); }

std::optional<double> number(const Node& node) {
  if (!node.is("constant")) return {};
  const Array& value = *node.find_attr<Array>("value");
  if (value.num_elements() != 1) return {};
  return value.value_as_double(0);
}

std::optional<Port> squared(const Node& node) {
  if (node.is("square")) return input(node, 0);
  if (node.is("multiply") && same_value(input(node, 0), input(node, 1))) return input(node, 0);
  if (node.is("pow") && number(*input(node, 1).node) == 2) return input(node, 0);
  return {};
}

std::optional<Port> written_out_softmax(const Node& node) {
  if (!node.is("divide")) return {};
  const Port exp = source_of(input(node, 0));
  const Node* sum = &maker_of(input(node, 1));
  if (sum->is("broadcast_to")) sum = &maker_of(input(*sum, 0));
  if (!exp.node->is("exp") || !sum->is("reduce_sum") || !same_value(source_of(input(*sum, 0)), exp)) return {};
  const Port z = input(*exp.node, 0);
  if (!z.node->is("subtract")) return z;
  const Node& largest = maker_of(input(*z.node, 1));
  return largest.is("reduce_max") && same_value(input(largest, 0), input(*z.node, 0)) ? input(*z.node, 0) : z;
}

std::string described(const Node& node) {
  return fmt::format("{} '{}'{}", node.spec->name, node.name,
                     node.loc.known() ? fmt::format(" ({})", node.loc.str()) : "");
}

}  // namespace dlc::lints
