#include "frontend/graph/graph.h"

#include <algorithm>
#include <charconv>

#include "frontend/graph/graph_state.h"
#include "frontend/graph/make_node.h"
#include "support/check.h"

namespace dlc {

namespace {

struct ThreadGraphs {
  Graph own;
  std::vector<Graph> entered;
};

ThreadGraphs& thread_graphs() {
  thread_local ThreadGraphs graphs;
  return graphs;
}

void check_scope_name(std::string_view name, const SourceLoc& loc) {
  const bool ok = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '.' || c == '-' || c == '/';
  });
  if (!ok || name.front() == '/' || name.back() == '/')
    throw Exception(make_error(ErrorCode::kInvalidArgument,
                               "'{}' is no name of a scope: letters, digits and _ . - make one, '/' may stand "
                               "between them",
                               name)
                        .at(loc));
}

}  // namespace

std::string GraphState::unique_name(const std::string& base) {
  const auto [it, fresh] = name_counts.emplace(base, 1);
  if (fresh) return base;
  while (true) {
    std::string candidate = fmt::format("{}_{}", base, it->second++);
    if (name_counts.emplace(candidate, 1).second) return candidate;
  }
}

std::span<const Port> Node::operand(int i) const {
  DLC_CHECK(i >= 0 && i < static_cast<int>(segments.size()), "operand {} of {}", i, name);
  size_t begin = 0;
  for (int s = 0; s < i; ++s) begin += static_cast<size_t>(segments[static_cast<size_t>(s)]);
  return std::span(inputs).subspan(begin, static_cast<size_t>(segments[static_cast<size_t>(i)]));
}

std::string port_name(const Port& port) {
  return port.index == 0 ? port.node->name : fmt::format("{}:{}", port.node->name, port.index);
}

Operation::Operation(const Tensor& t) : Operation(t.op()) {}

const Node& Operation::node() const {
  if (!node_) throw Exception(make_error(ErrorCode::kInvalidArgument, "an empty Operation was used"));
  return *node_;
}

const std::string& Operation::name() const { return node().name; }
int Operation::num_outputs() const { return static_cast<int>(node().types.size()); }

Graph Operation::graph() const {
  node();
  return Graph(graph_);
}

Tensor Operation::output(int i) const {
  if (i < 0 || i >= num_outputs())
    throw Exception(make_error(ErrorCode::kOutOfRange, "{} '{}' has {}, there is no output {}", node().spec->name,
                               name(), outputs_str(num_outputs()), i)
                        .at(node().loc));
  return {graph_, {node_, i}};
}

std::vector<Tensor> Operation::outputs() const {
  std::vector<Tensor> out;
  for (int i = 0; i < num_outputs(); ++i) out.push_back(output(i));
  return out;
}

const Node& Tensor::node() const {
  if (!port_.node) throw Exception(make_error(ErrorCode::kInvalidArgument, "an empty Tensor was used"));
  return *port_.node;
}

Graph Tensor::graph() const {
  node();
  return Graph(graph_);
}

const ir::TensorType& Tensor::type() const { return node().types[static_cast<size_t>(port_.index)]; }

std::string Tensor::name() const {
  node();
  return port_name(port_);
}

std::string Tensor::str() const { return fmt::format("'{}' {}", name(), type()); }

std::string Fetch::name() const { return is_tensor() ? tensor().name() : op_.name(); }

Graph::Graph() : state_(std::make_shared<GraphState>()) {}

Scope Graph::as_default() const {
  thread_graphs().entered.push_back(*this);
  return Scope([] { thread_graphs().entered.pop_back(); });
}

void Graph::finalize() { state_->finalized = true; }
bool Graph::finalized() const { return state_->finalized; }
void Graph::set_random_seed(int64_t seed) { state_->random_seed = seed; }
size_t Graph::num_nodes() const { return state_->nodes.size(); }

const Node& Graph::node(size_t i) const {
  DLC_CHECK(i < num_nodes(), "node {} of {}", i, num_nodes());
  return state_->nodes[i];
}

Operation Graph::find_operation(std::string_view name) const {
  const auto it = state_->by_name.find(std::string(name));
  return it == state_->by_name.end() ? Operation() : Operation(state_, it->second);
}

Tensor Graph::tensor(std::string_view name) const {
  std::string_view node_name = name;
  int index = 0;
  if (const size_t colon = name.rfind(':'); colon != std::string_view::npos) {
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + colon + 1, end, index);
    if (error != std::errc() || stop != end)
      throw Exception(make_error(ErrorCode::kNotFound, "'{}' names no tensor: needs NAME or NAME:NUMBER", name));
    node_name = name.substr(0, colon);
  }
  const Operation op = find_operation(node_name);
  if (!op) {
    std::string near;
    for (const Node& n : state_->nodes)
      if (near.size() < 200 && n.name.find(node_name) != std::string::npos) near += (near.empty() ? "" : ", ") + n.name;
    Error error = make_error(ErrorCode::kNotFound, "there is no node '{}' in the graph", node_name);
    if (!near.empty()) error.notes.push_back("names like it: " + near);
    throw Exception(std::move(error));
  }
  if (index >= op.num_outputs())
    throw Exception(make_error(ErrorCode::kNotFound, "{} '{}' has {}, there is no '{}'", op.node().spec->name,
                               node_name, outputs_str(op.num_outputs()), name)
                        .at(op.node().loc));
  return op.output(index);
}

std::vector<Tensor> Graph::variables() const {
  std::vector<Tensor> out;
  for (const Node& n : state_->nodes)
    if (n.is(OpRole::kVariable)) out.emplace_back(state_, Port{&n, 0});
  return out;
}

std::vector<Tensor> Graph::trainable_variables() const {
  std::vector<Tensor> out;
  for (const Tensor& v : variables())
    if (*v.node().find_attr<bool>("trainable")) out.push_back(v);
  return out;
}

std::string Graph::fresh_symbol() { return fmt::format("_{}", state_->next_symbol++); }
const std::string& Graph::name_scope_prefix() const { return state_->scope_prefix; }

Graph default_graph() {
  const ThreadGraphs& graphs = thread_graphs();
  return graphs.entered.empty() ? graphs.own : graphs.entered.back();
}

void reset_default_graph() {
  if (!thread_graphs().entered.empty())
    throw Exception(make_error(ErrorCode::kFailedPrecondition,
                               "reset_default_graph() inside a scope of Graph::as_default(); leave the scope first"));
  thread_graphs().own = Graph();
}

void set_random_seed(int64_t seed) { default_graph().set_random_seed(seed); }

Scope name_scope(Graph& graph, std::string_view name, std::source_location loc) {
  check_scope_name(name, loc);
  const std::shared_ptr<GraphState>& state = graph.state();
  std::string before = state->scope_prefix;
  state->scope_prefix = state->unique_name(before + std::string(name)) + "/";
  return Scope([state, before = std::move(before)] { state->scope_prefix = before; });
}

Scope name_scope(std::string_view name, std::source_location loc) {
  Graph graph = default_graph();
  return name_scope(graph, name, loc);
}

Scope variable_scope(std::string_view name, Reuse reuse, std::source_location loc) {
  return variable_scope(default_graph(), name, reuse, loc);
}

Scope variable_scope(const Graph& graph, std::string_view name, Reuse reuse, std::source_location loc) {
  const bool current = name.empty();
  if (!current) check_scope_name(name, loc);
  const std::shared_ptr<GraphState>& state = graph.state();
  const GraphState::VariableScope& outer = state->variable_scopes.back();
  GraphState::VariableScope inner{current ? outer.prefix : outer.prefix + std::string(name) + "/",
                                  reuse == Reuse::kInherit ? outer.reuse : reuse};
  state->variable_scopes.push_back(std::move(inner));
  std::string before = state->scope_prefix;
  if (!current) state->scope_prefix = state->unique_name(before + std::string(name)) + "/";
  return Scope([state, before = std::move(before)] {
    state->scope_prefix = before;
    state->variable_scopes.pop_back();
  });
}

Scope control_dependencies(const std::vector<Fetch>& fetches) {
  const std::shared_ptr<GraphState> state =
      fetches.empty() ? default_graph().state() : fetches.front().operation().graph().state();
  std::vector<const Node*> nodes;
  for (const Fetch& f : fetches) {
    if (f.operation().graph().state() != state)
      throw Exception(
          make_error(ErrorCode::kInvalidArgument, "control_dependencies: '{}' is of another graph", f.name())
              .at(f.node().loc));
    nodes.push_back(&f.node());
  }
  state->control_scopes.push_back(std::move(nodes));
  return Scope([state] { state->control_scopes.pop_back(); });
}

}  // namespace dlc
