#include "frontend/graph/graph_state.h"
#include "frontend/graph/lints/rule.h"

namespace dlc {

namespace {

/// Nodes that are added now and then are no fault. The same line again and again is a loop.
constexpr int kFewGrowths = 4;

}  // namespace

bool note_run(const Graph& graph) {
  LintState& state = graph.state()->lint;
  const size_t nodes = graph.num_nodes();
  if (nodes == state.nodes_run.load(std::memory_order_relaxed)) return false;
  const std::lock_guard lock(state.mutex);
  const size_t before = state.nodes_run.load(std::memory_order_relaxed);
  if (nodes <= before) return false;
  state.nodes_run.store(nodes, std::memory_order_relaxed);
  if (before == 0) return false;
  const Node* first = &graph.node(before);
  const bool same_line = state.first_added && first->loc.known() && first->loc.str() == state.first_added->loc.str();
  state.growths = same_line ? state.growths + 1 : 1;
  state.first_added = first;
  return state.growths == kFewGrowths;
}

namespace lints {

namespace {

std::optional<Finding> check_graph_growing(const LintContext& c, const Node& node) {
  const LintState& state = c.graph.state()->lint;
  const std::lock_guard lock(state.mutex);
  if (&node != state.first_added || state.growths < kFewGrowths) return {};
  return Finding{
      fmt::format("this line has added nodes between runs {} times; the graph has {} nodes now: they are kept "
                  "as long as the graph, and each run of a new node compiles a new program",
                  state.growths, c.graph.num_nodes()),
      "build the nodes once, before the loop, and feed what changes"};
}

}  // namespace

Rule graph_growing_rule() {
  return {.code = "DLC-L008",
          .name = "graph-growing",
          .doc = "Nodes that are made in a loop of runs: the graph grows, and every run of a new node compiles anew.",
          .check = check_graph_growing};
}

}  // namespace lints

}  // namespace dlc
