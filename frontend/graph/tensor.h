// Tensor and Operation: handles to an output of a node, and to a node, of a Graph. They are cheap to
// copy and keep their graph alive.
#pragma once

#include <concepts>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "ir/type.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

class Graph;
class Operation;
class Tensor;
struct GraphState;
struct Node;

/// Output `index` of `node`: an edge inside one graph.
struct Port {
  const Node* node = nullptr;
  int index = 0;
  bool operator==(const Port&) const = default;
};

/// A handle to a node.
class Operation {
 public:
  Operation() = default;
  Operation(std::shared_ptr<GraphState> graph, const Node* node) : graph_(std::move(graph)), node_(node) {}
  Operation(const Tensor& t);  // NOLINT(google-explicit-constructor): the operation that makes `t`
  explicit operator bool() const { return node_ != nullptr; }
  bool operator==(const Operation& o) const { return node_ == o.node_; }

  /// See frontend/graph/node.h.
  const Node& node() const;
  Graph graph() const;
  const std::string& name() const;
  int num_outputs() const;
  Tensor output(int i = 0) const;
  std::vector<Tensor> outputs() const;

 private:
  std::shared_ptr<GraphState> graph_;
  const Node* node_ = nullptr;
};

/// A symbolic value: output `index` of a node. `a + b`, `a < b`, `x[0][1]` and so on build nodes
/// (frontend/ops/operators.h); `==` compares handles, `equal(a, b)` values.
class Tensor {
 public:
  Tensor() = default;
  Tensor(std::shared_ptr<GraphState> graph, Port port) : graph_(std::move(graph)), port_(port) {}
  explicit operator bool() const { return port_.node != nullptr; }
  bool operator==(const Tensor& o) const { return port_ == o.port_; }

  const Node& node() const;
  int index() const { return port_.index; }
  Port port() const { return port_; }
  Operation op() const { return {graph_, port_.node}; }
  Graph graph() const;

  const ir::TensorType& type() const;
  DType dtype() const { return type().dtype; }
  const ir::Dims& dims() const { return type().dims; }
  int64_t rank() const { return type().rank(); }
  /// "dense1/add", or "split:1" for an output but the first.
  std::string name() const;
  /// "'a' f32[3,4]", for messages.
  std::string str() const;

  /// A row number, and where it was written.
  struct Index {
    template <std::integral T>
    Index(T i, std::source_location where = std::source_location::current())  // NOLINT(google-explicit-constructor)
        : value(static_cast<int64_t>(i)), loc(where) {}
    int64_t value;
    std::source_location loc;
  };
  /// Row `i` along the first axis, which vanishes; negative counts from the end.
  Tensor operator[](Index i) const;

 private:
  std::shared_ptr<GraphState> graph_;
  Port port_;
};

/// The same of an edge.
std::string port_name(const Port& port);

/// What can be fetched or depended upon: a Tensor or an Operation.
class Fetch {
 public:
  Fetch(const Tensor& t) : op_(t.op()), index_(t.index()) {}  // NOLINT(google-explicit-constructor)
  Fetch(const Operation& op) : op_(op) {}                     // NOLINT(google-explicit-constructor)
  bool is_tensor() const { return index_ >= 0; }
  const Operation& operation() const { return op_; }
  /// Call only when is_tensor().
  Tensor tensor() const { return op_.output(index_); }
  const Node& node() const { return op_.node(); }
  std::string name() const;

 private:
  Operation op_;
  int index_ = -1;
};

}  // namespace dlc DLC_PUBLIC

template <>
struct std::hash<dlc::Port> {
  size_t operator()(const dlc::Port& p) const noexcept {
    return std::hash<const void*>()(p.node) * 31 + static_cast<size_t>(p.index);
  }
};
