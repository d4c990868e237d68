// For tests: whether two graphs say the same, names and order of nodes included.
#pragma once

#include <string>

#include "frontend/graph/graph.h"
#include "frontend/graph/node.h"

namespace dlc::testing {

/// "" if they do; else what differs first. Places of nodes in the user's source do not count.
inline std::string graphs_differ(const Graph& a, const Graph& b) {
  if (a.num_nodes() != b.num_nodes()) return fmt::format("{} nodes and {}", a.num_nodes(), b.num_nodes());
  for (size_t i = 0; i < a.num_nodes(); ++i) {
    const Node &x = a.node(i), &y = b.node(i);
    const auto differ = [&](const char* what) { return fmt::format("{} of '{}' and '{}'", what, x.name, y.name); };
    if (x.name != y.name) return differ("names");
    if (x.spec != y.spec) return differ("operators");
    if (x.segments != y.segments || x.inputs.size() != y.inputs.size()) return differ("numbers of operands");
    for (size_t k = 0; k < x.inputs.size(); ++k)
      if (x.inputs[k].node->id != y.inputs[k].node->id || x.inputs[k].index != y.inputs[k].index)
        return differ("operands");
    if (x.control_inputs.size() != y.control_inputs.size()) return differ("numbers of control inputs");
    for (size_t k = 0; k < x.control_inputs.size(); ++k)
      if (x.control_inputs[k]->id != y.control_inputs[k]->id) return differ("control inputs");
    if (x.attrs.size() != y.attrs.size()) return differ("numbers of attributes");
    for (const auto& [name, value] : x.attrs) {
      const auto it = y.attrs.find(name);
      if (it == y.attrs.end() || !ir::attr_equal(value, it->second)) return differ(name.c_str());
    }
    if (x.types != y.types) return differ("types");
  }
  return {};
}

}  // namespace dlc::testing
