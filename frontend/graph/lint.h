// lint: what a graph most likely does not mean, although it runs. docs/lints.md has each rule with an
// example that is wrong and one that is right.
//
//   for (const GraphWarning& w : lint(default_graph())) fmt::print(stderr, "{}\n", w.str());
//   silence("DLC-L005", "pairs");      // not this rule, for the node or the scope "pairs"
//
// A session prints what is new when it lowers a step (SessionOptions::lint), the tool when it has read a
// graph file; each warning once for a graph.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/graph/graph.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

struct GraphWarning {
  std::string code;     ///< stable, for scripts and silence(): "DLC-L001"
  std::string rule;     ///< its name, for people: "probabilities-as-logits"
  std::string node;     ///< name of the node that is doubtful
  SourceLoc loc;        ///< where that node was written
  std::string message;  ///< what is wrong with it, and why
  std::string fix;      ///< what to write instead

  /// "mlp.dlc:9:8: warning: MESSAGE [DLC-L001 probabilities-as-logits]" and, on a second line, the fix.
  std::string str() const;
};

/// One rule, for lists of them.
struct LintInfo {
  const char* code;
  const char* name;
  const char* doc;
};
/// All rules, by code.
std::vector<LintInfo> lint_rules();

/// All warnings but the silenced ones, in the order of the nodes. Changes nothing; the cost is a few walks
/// over the graph.
std::vector<GraphWarning> lint(const Graph& graph);

/// Prints to standard error what lint() says and no call has printed for this graph. Threads may call it
/// at the same time, though not while one adds nodes.
void print_new_warnings(const Graph& graph);

/// No more warnings of `code` ("all": of any) about the node `where` and the nodes of the scope `where`,
/// full names; without it: about the current name scope, at the top level about the whole graph. Printed
/// in graph files. Throws kInvalidArgument for a code that no rule has.
void silence(const Graph& graph, std::string_view code, std::string_view where = {});
/// Of the default graph.
void silence(std::string_view code, std::string_view where = {});

}  // namespace dlc DLC_PUBLIC
