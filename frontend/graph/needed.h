// Which part of a graph some fetches need, when some tensors are fed. For lowering.
#pragma once

#include <unordered_set>
#include <vector>

#include "frontend/graph/graph.h"
#include "frontend/graph/node.h"

namespace dlc {

struct Needed {
  std::vector<const Node*> nodes;   ///< inputs before users
  std::unordered_set<Port> pinned;  ///< members of xs and stop_gradients of the gradients among them
  /// Fed tensors whose own computation is needed all the same: a gradient flows through them to an x.
  std::unordered_set<Port> overridden;
};

/// What a node's value depends on: its inputs; for the initialisation of variables the initial values;
/// for a variable, whose value is the session's, nothing.
Ports data_inputs(const Node& node);

Needed find_needed(const Graph& graph, const std::vector<Fetch>& fetches, const std::vector<Tensor>& fed);

}  // namespace dlc
