// lint: what a graph most likely does not mean, although it runs.
//
//   for (const GraphWarning& w : lint(default_graph())) fmt::print(stderr, "{}\n", w.str());
#pragma once

#include <string>
#include <vector>

#include "frontend/graph/graph.h"

namespace dlc {

struct GraphWarning {
  std::string code;     ///< stable, for scripts: "probabilities-as-logits"
  std::string node;     ///< name of the node that is doubtful
  SourceLoc loc;        ///< where that node was written
  std::string message;  ///< what is wrong with it, and why
  std::string fix;      ///< what to write instead

  /// "mlp.dlc:9:8: warning: MESSAGE [CODE]" and, on a second line, the fix.
  std::string str() const;
};

/// All warnings, in the order of the nodes. Changes nothing; the cost is one walk over the graph.
///
/// probabilities-as-logits: a cross-entropy "with logits" takes its softmax or sigmoid itself. Given the
/// output of one it takes it twice: the loss can no longer come near 0 and its gradients are small.
std::vector<GraphWarning> lint(const Graph& graph);

}  // namespace dlc
