#include "frontend/graph/graph_state.h"
#include "frontend/graph/lints/rule.h"

namespace dlc {

void note_lowering(const Graph& graph) {
  LintState& state = graph.state()->lint;
  const std::lock_guard lock(state.mutex);
  const size_t nodes = graph.num_nodes();
  if (state.nodes_lowered > 0 && nodes > state.nodes_lowered) {
    const Node* first = &graph.node(state.nodes_lowered);
    const bool same_line = state.first_added && first->loc.known() && first->loc.str() == state.first_added->loc.str();
    state.growths = same_line ? state.growths + 1 : 1;
    state.first_added = first;
  }
  state.nodes_lowered = nodes;
}

namespace lints {

namespace {

/// Nodes that are added now and then are no fault. The same line again and again is a loop.
std::optional<Finding> check_graph_growing(const LintContext& c, const Node& node) {
  constexpr int kFewGrowths = 4;
  const LintState& state = c.graph.state()->lint;
  const std::lock_guard lock(state.mutex);
  if (&node != state.first_added || state.growths < kFewGrowths) return {};
  return Finding{fmt::format("this line has added nodes between runs {} times; the graph has {} nodes now, and each "
                             "run of a new node compiles a new program",
                             state.growths, c.graph.num_nodes()),
                 "build the nodes once, before the loop, and feed what changes"};
}

}  // namespace

Rule graph_growing_rule() {
  return {.code = "DLC-L008",
          .name = "graph-growing",
          .doc = "Nodes that are made in a loop of runs: the graph grows, and every run compiles anew.",
          .check = check_graph_growing};
}

}  // namespace lints

}  // namespace dlc
