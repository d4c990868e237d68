// What a graph remembers for its warnings, beside its nodes. For frontend only.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "frontend/graph/graph.h"

namespace dlc {

struct LintState {
  struct Silenced {
    std::string code;   ///< or "all"
    std::string where;  ///< a node or a scope; "": everything
    bool operator==(const Silenced&) const = default;
  };
  std::vector<Silenced> silenced;

  mutable std::mutex mutex;  ///< of what follows, which sessions of several threads touch
  std::set<std::string> printed;
  std::atomic<size_t> nodes_run = 0;  ///< nodes there were when a step was run last; written under `mutex`
  const Node* first_added = nullptr;  ///< the first node since
  int growths = 0;                    ///< how often running, nodes were added from the place of `first_added`
};

/// A session says that it runs a step: graph-growing counts how often the same line has added nodes since. Returns
/// whether that is often enough to be told.
bool note_run(const Graph& graph);

}  // namespace dlc
