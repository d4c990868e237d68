#include "frontend/graph/needed.h"

#include <algorithm>
namespace dlc {

Ports data_inputs(const Node& node) {
  switch (node.spec->role) {
    case OpRole::kVariable: return {};
    case OpRole::kInitialize: {
      Ports initial_values;
      for (const Port& variable : node.inputs) initial_values.push_back(variable.node->inputs[0]);
      return initial_values;
    }
    default: return node.inputs;
  }
}

namespace {

class Search {
 public:
  Search(const Graph& graph, const std::vector<Tensor>& fed) : graph_(graph) {
    for (const Tensor& t : fed) fed_.insert(t.port());
  }

  Needed run(const std::vector<Fetch>& fetches) {
    for (const Fetch& f : fetches) {
      if (f.is_tensor())
        demand(f.tensor().port());
      else
        visit(&f.node());
    }
    drain();
    // A fed tensor through which a gradient flows needs what computes it, which may need more gradients.
    while (override_fed()) drain();
    std::sort(found_.nodes.begin(), found_.nodes.end(), [](const Node* a, const Node* b) { return a->id < b->id; });
    return std::move(found_);
  }

 private:
  void visit(const Node* node) {
    if (!seen_.insert(node).second) return;
    pending_.push_back(node);
  }
  void demand(const Port& port) {
    if (fed_.contains(port))
      demanded_fed_.insert(port);
    else
      visit(port.node);
  }
  void drain() {
    while (!pending_.empty()) {
      const Node* node = pending_.back();
      pending_.pop_back();
      found_.nodes.push_back(node);
      for (const Port& p : data_inputs(*node)) demand(p);
      for (const Node* n : node->control_inputs) visit(n);
      if (!node->is(OpRole::kGradients)) continue;
      for (const char* list : {"xs", "stop_gradients"})
        for (const Port& p : node->operand(list)) found_.pinned.insert(p);
    }
  }

  /// Demands the computation of fed tensors that lie downstream of an x. Returns whether any is new.
  bool override_fed() {
    if (found_.pinned.empty() || fed_.empty()) return false;
    std::vector<char> below_x(graph_.num_nodes(), 0);  // node computes from an x (or is the variable that is one)
    bool any = false;
    for (size_t i = 0; i < graph_.num_nodes(); ++i) {
      const Node& node = graph_.node(i);
      const Ports inputs = data_inputs(node);
      const bool below = std::any_of(inputs.begin(), inputs.end(), [&](const Port& p) {
        return found_.pinned.contains(p) || below_x[static_cast<size_t>(p.node->id)] != 0;
      });
      below_x[i] = below ? 1 : 0;
      if (!below) continue;
      for (int k = 0; k < static_cast<int>(node.types.size()); ++k) {
        const Port port{&node, k};
        if (!demanded_fed_.contains(port) || !found_.overridden.insert(port).second) continue;
        any = true;
        visit(&node);
      }
    }
    return any;
  }

  const Graph& graph_;
  std::unordered_set<Port> fed_, demanded_fed_;
  std::unordered_set<const Node*> seen_;
  std::vector<const Node*> pending_;
  Needed found_;
};

}  // namespace

Needed find_needed(const Graph& graph, const std::vector<Fetch>& fetches, const std::vector<Tensor>& fed) {
  return Search(graph, fed).run(fetches);
}

}  // namespace dlc
