// What a Graph is inside. For frontend/graph only.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "frontend/graph/graph.h"
#include "frontend/graph/lint_state.h"
#include "frontend/graph/node.h"
#include "ir/function.h"

namespace dlc {

struct GraphState {
  struct VariableScope {
    std::string prefix;  // of variables' names: "" or "layer1/"
    Reuse reuse = Reuse::kNo;
  };

  std::deque<Node> nodes;  // addresses stay
  std::unordered_map<std::string, const Node*> by_name;
  std::unordered_map<std::string, int> name_counts;  // of nodes and scopes: the next suffix to try
  std::string scope_prefix;
  std::vector<VariableScope> variable_scopes{{}};
  std::unordered_map<std::string, const Node*> variables_by_name;  // those of get_variable
  std::vector<std::vector<const Node*>> control_scopes;
  bool finalized = false;
  int64_t random_seed = 0;
  /// Of what is given no seed: below 0 and falling, away from those that users give.
  int64_t next_op_seed = -1;
  int64_t next_symbol = 1;
  LintState lint;

  // Every node's `expand` runs here once, when it is built: the types of nodes, and which
  // derivatives exist, come from it.
  ir::Function scratch{"scratch"};
  ir::Value scratch_rng_state;
  std::unordered_set<const Node*> assigned_variables;
  std::unordered_set<const Node*> behind_assignments;  // nodes that assign, or run after one that does
  // Results of gradients nodes are parameters of the scratch function; this tells whose.
  std::unordered_map<const ir::Op*, const Node*> scratch_gradients;

  /// `base`, or `base_1`, `base_2`, ... when it is taken; reserved for the caller.
  std::string unique_name(const std::string& base);
};

/// "1 output", "2 outputs".
inline std::string outputs_str(int count) { return fmt::format("{} output{}", count, count == 1 ? "" : "s"); }

}  // namespace dlc
