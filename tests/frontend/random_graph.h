// Random graphs: valid graphs over all user-level operators, drawn from a seed, with variables and their
// updates, control dependencies, random numbers, gradients and theirs, bound and open sizes. Operands and
// attributes are drawn by each operator's specification, so a new operator takes part by itself.
//
//   const RandomGraph g = testing::random_graph(17);
//   auto results = ir::interpret(*g.function, g.params);
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "frontend/graph/graph.h"
#include "ir/function.h"
#include "support/array.h"

namespace dlc::testing {

struct RandomGraph {
  uint64_t seed = 0;
  Graph graph;
  std::unique_ptr<ir::Function> function;  ///< lowered for some fetches
  std::vector<Array> params;               ///< by parameter of the function
  std::set<std::string> features;          ///< operators of the graph's nodes, and what else it has

  /// The seed, the graph file and the function: what a failing test prints.
  std::string str() const;
};

/// The same on every machine. No run of it faults.
RandomGraph random_graph(uint64_t seed);

}  // namespace dlc::testing
