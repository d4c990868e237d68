// A rule of lint: one file each in this folder, one line in lints.def.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "frontend/graph/graph.h"
#include "frontend/graph/node.h"

namespace dlc::lints {

/// What rules ask of a graph, gathered in one walk.
struct LintContext {
  explicit LintContext(const Graph& g);

  const Graph& graph;
  /// The nodes that read an output of a node.
  std::unordered_map<const Node*, std::vector<const Node*>> users;
  /// Variables that an operation other than an initialiser assigns; those that an initialiser does.
  std::unordered_set<const Node*> assigned, initialised;
  /// The last node that initialises variables; null if there is none.
  const Node* last_initialiser = nullptr;
  /// Whether an optimiser updates any variable.
  bool trains = false;

  const std::vector<const Node*>& users_of(const Node& node) const;
};

/// What a rule found in a node.
struct Finding {
  std::string message;
  std::string fix;
};

struct Rule {
  const char* code;  ///< "DLC-L001": never given to another rule
  const char* name;  ///< "probabilities-as-logits"
  const char* doc;
  std::optional<Finding> (*check)(const LintContext& context, const Node& node);
};

inline bool is_one_of(const Node& node, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), node.spec->name) != names.end();
}
/// Operand `i` of a node, which has it.
inline Port input(const Node& node, int i) { return node.operand(i)[0]; }
inline const ir::TensorType& type_of(Port port) { return port.node->types[static_cast<size_t>(port.index)]; }
/// The value whose elements `port` has: operators that only pass them on are seen through.
Port source_of(Port port);
/// What made them.
inline const Node& maker_of(Port port) { return *source_of(port).node; }
/// Whether both are one value, or the same operators of the same values: reduce_sum(x) written twice.
bool same_value(Port a, Port b);
/// The number that a node is, if it is one.
std::optional<double> number(const Node& node);
/// The x of square(x), x * x and pow(x, 2).
std::optional<Port> squared(const Node& node);
/// The z of exp(z) / reduce_sum(exp(z), ...), also with the maximum taken out: a softmax written out.
std::optional<Port> written_out_softmax(const Node& node);
/// "'p', probabilities of softmax 'p' (model.dlc:5:5)": a node for a message.
std::string described(const Node& node);

}  // namespace dlc::lints
