// Reduces a graph file, statement by statement, to a small one that still has a property.
#pragma once

#include <functional>
#include <string>

#include "frontend/graph/graph.h"

namespace dlc::tools {

/// Statements go, in chunks and one by one, and what is left of one becomes a placeholder of its type.
/// `interesting` gets the text of a graph that parses; `graph` is interesting, and so is the result.
std::string reduce_graph(const Graph& graph, const std::function<bool(const std::string&)>& interesting);

}  // namespace dlc::tools
