// Graph: the append-only record of what the user said. Functions that build nodes work on the graph
// of their tensors, or, where there are none, on the thread's default graph.
//
//   Graph g;
//   {
//     auto scope = g.as_default();
//     auto layer = name_scope("dense1");
//     Tensor x = placeholder(kFloat32, {"n", 784}, "x");   // named dense1/x
//   }
#pragma once

#include <concepts>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontend/graph/tensor.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// Undoes, when destroyed, what the function that returned it did. Not for another thread.
class [[nodiscard]] Scope {
 public:
  template <std::invocable F>
  explicit Scope(F leave) : leave_(nullptr, [leave = std::move(leave)](void*) { leave(); }) {}
  Scope(Scope&&) noexcept = default;
  Scope& operator=(Scope&&) = delete;
  ~Scope() = default;

 private:
  std::shared_ptr<void> leave_;  // points to nothing; its deleter is the function to call
};

/// A handle: copies are the same graph, which lives as long as a handle, a Tensor, or a Session over
/// it. A graph is built by one thread at a time.
class Graph {
 public:
  /// A new, empty graph.
  Graph();
  explicit Graph(std::shared_ptr<GraphState> state) : state_(std::move(state)) {}
  bool operator==(const Graph& o) const { return state_ == o.state_; }

  /// Makes this the thread's default graph until the result is destroyed.
  Scope as_default() const;
  /// No node can be added any more: building one throws kFailedPrecondition.
  void finalize();
  bool finalized() const;

  /// Seeds every random operation built from now on that has no seed of its own, and mixes with those
  /// that have one (0, the default, does not).
  void set_random_seed(int64_t seed);

  size_t num_nodes() const;
  const Node& node(size_t i) const;
  /// An empty handle if there is none of that name.
  Operation find_operation(std::string_view name) const;
  /// "name" (its first output) or "name:k"; throws kNotFound naming what there is instead.
  Tensor tensor(std::string_view name) const;
  std::vector<Tensor> variables() const;
  std::vector<Tensor> trainable_variables() const;

  /// A symbol that no other dimension uses, for `?`. Its name begins with '_'.
  std::string fresh_symbol();
  /// Prefix of new names: "" or "dense1/".
  const std::string& name_scope_prefix() const;

  const std::shared_ptr<GraphState>& state() const { return state_; }

 private:
  std::shared_ptr<GraphState> state_;
};

/// The graph of the innermost as_default(), else the thread's own.
Graph default_graph();
/// Replaces the thread's own graph by an empty one. Sessions and tensors of the old one keep it and
/// go on working. Throws kFailedPrecondition inside an as_default() scope.
void reset_default_graph();
/// default_graph().set_random_seed(seed).
void set_random_seed(int64_t seed);

/// Names of new nodes get the prefix "name/", made unique ("dense1_1/") as names of nodes are.
Scope name_scope(std::string_view name, std::source_location loc = std::source_location::current());
Scope name_scope(Graph& graph, std::string_view name, std::source_location loc = std::source_location::current());

/// Nodes built from now on run after these.
Scope control_dependencies(const std::vector<Fetch>& fetches);

/// What get_variable does with a name that exists.
enum class Reuse : uint8_t {
  kInherit,  ///< as the scope around says; outermost: kNo
  kNo,       ///< an error
  kYes,      ///< the name must exist; its variable is returned
  kAuto,     ///< returned when it exists, else made
};
/// Prefixes names of get_variable, and of nodes as name_scope does. Entering a variable scope again
/// meets the same variables. The name "" is the current scope again, for its Reuse: it adds nothing to names.
Scope variable_scope(std::string_view name, Reuse reuse = Reuse::kInherit,
                     std::source_location loc = std::source_location::current());
Scope variable_scope(const Graph& graph, std::string_view name, Reuse reuse = Reuse::kInherit,
                     std::source_location loc = std::source_location::current());

/// Everything of `fetches` is done when the result is.
Operation group(const std::vector<Fetch>& fetches, std::string_view name = {},
                std::source_location loc = std::source_location::current());
Operation group(const Graph& graph, const std::vector<Fetch>& fetches, std::string_view name = {},
                std::source_location loc = std::source_location::current());
Operation no_op(std::string_view name = {}, std::source_location loc = std::source_location::current());
Operation no_op(const Graph& graph, std::string_view name = {},
                std::source_location loc = std::source_location::current());

}  // namespace dlc DLC_PUBLIC
