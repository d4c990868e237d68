// Lowering: exactly the part of a graph that some fetches need, as one IR function.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "frontend/graph/graph.h"
#include "ir/function.h"
#include "support/expected.h"

namespace dlc {

struct LowerOptions {
  std::string name = "step";  ///< of the function
};

/// Parameters, in this order: one kFeed per member of `fed` (needed or not), one kVariable for each
/// variable that is read from before the run (its name is the node's), and a kRngState u64[] named
/// "rng_state" if the program draws random numbers. Results: one kFetch per tensor among `fetches`, in
/// order (an Operation has none), then one kUpdate per assigned variable. Every parameter and op
/// carries the node that it comes from.
///
/// A node that uses a variable sees the last assignment among its ancestors through data and control
/// edges, else the value from before the run; a fetched variable is its value from before. A fed
/// tensor replaces what computes it (SEMANTICS.md: override), members of `xs` and `stop_gradients` of
/// gradients are pinned.
///
/// Errors: a placeholder that is needed and not fed; two assignments of one variable, neither an
/// ancestor of the other; a dimension that no feed determines; a tensor fed twice, or of another graph.
Expected<std::unique_ptr<ir::Function>> lower(const Graph& graph, const std::vector<Fetch>& fetches,
                                              const std::vector<Tensor>& fed, const LowerOptions& options = {});

/// Adds a kVariable for each variable that a function lowered from `graph` assigns and does not read, so
/// that whoever compiles it writes every variable where it lies.
void add_assigned_variables(const Graph& graph, ir::Function& function);

}  // namespace dlc
