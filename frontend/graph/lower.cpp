#include "frontend/graph/lower.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/graph_state.h"
#include "frontend/graph/needed.h"
#include "ir/rewriter.h"
#include "support/check.h"

namespace dlc {

namespace {

/// The assignments of one variable in a program, each an ancestor of the next.
struct Assignment {
  const Node* node = nullptr;
  ir::Value value;
};

/// Per variable the number of its last assignment among a node's ancestors, the node included.
/// Shared between nodes, changed by the only owner.
using Assigned = std::map<const Node*, size_t>;
using AssignedPtr = std::shared_ptr<Assigned>;

/// What `shared` points to, to be changed: a copy if others have it too.
Assigned& owned(AssignedPtr& shared) {
  if (!shared)
    shared = std::make_shared<Assigned>();
  else if (shared.use_count() > 1)
    shared = std::make_shared<Assigned>(*shared);
  return *shared;
}

class Lowering {
 public:
  Lowering(const Graph& graph, const std::vector<Fetch>& fetches, const std::vector<Tensor>& fed,
           const LowerOptions& options)
      : graph_(graph),
        fetches_(fetches),
        fed_(fed),
        function_(std::make_unique<ir::Function>(options.name)),
        builder_(*function_) {}
  Expected<std::unique_ptr<ir::Function>> run();

 private:
  Expected<void> check_arguments() const;
  void add_feeds();
  Expected<void> emit(const Node& node);
  Expected<void> emit_initialize(const Node& node);
  void emit_gradients(const Node& node);
  Expected<void> emit_expanded(const Node& node);
  Expected<ir::Value> read(const Port& port, const Assigned* assigned);
  ir::Value before_run(const Node& variable);
  ir::Value rng_state();
  /// Stores an output: overridden where fed, pinned where a gradient is taken.
  void define(const Port& port, ir::Value value);
  /// What a node runs directly after.
  std::vector<const Node*> ancestors(const Node& node) const;
  /// Null: none of any variable. Once for each node: the last user of an ancestor takes over its map, so that a
  /// chain of assignments has one between them.
  AssignedPtr take_assigned(const Node& node);
  Expected<void> assign(const Node& variable, const Node& by, ir::Value value, Assigned& assigned);
  Expected<void> set_results();
  Expected<void> check_symbols() const;

  const Graph& graph_;
  const std::vector<Fetch>& fetches_;
  const std::vector<Tensor>& fed_;
  std::unique_ptr<ir::Function> function_;
  ir::Builder builder_;

  Needed needed_;
  std::unordered_map<Port, ir::Value> feed_params_;
  std::unordered_map<Port, ir::Value> values_;
  std::unordered_map<const Node*, AssignedPtr> assigned_;                       // of nodes that have any and users left
  std::vector<int> users_left_;                                                 // by the node's id
  std::map<int, std::pair<const Node*, std::vector<Assignment>>> assignments_;  // by the variable's id
  ir::Value rng_state_;
};

Expected<void> Lowering::check_arguments() const {
  const auto check = [&](const Operation& op, const std::string& name, const char* what) -> Expected<void> {
    if (op.graph() == graph_) return {};
    return make_error(ErrorCode::kInvalidArgument, "the {} '{}' is of another graph", what, name).at(op.node().loc);
  };
  std::unordered_set<Port> seen;
  for (const Fetch& f : fetches_) DLC_RETURN_IF_ERROR(check(f.operation(), f.name(), "fetch"));
  for (const Tensor& t : fed_) {
    DLC_RETURN_IF_ERROR(check(t.op(), t.name(), "feed"));
    if (!seen.insert(t.port()).second)
      return make_error(ErrorCode::kInvalidArgument, "'{}' is fed twice", t.name()).at(t.node().loc);
  }
  return {};
}

void Lowering::add_feeds() {
  for (const Tensor& t : fed_) {
    // A variable may be fed and read from the session too; its feed is another parameter.
    std::string name = t.name();
    if (t.node().is(OpRole::kVariable)) name += ".fed";
    const ir::Provenance provenance{t.node().name, t.node().loc};
    const ir::Value param = function_->add_param(t.type(), {ir::ParamKind::kFeed, std::move(name)}, provenance);
    feed_params_.emplace(t.port(), param);
    if (needed_.overridden.contains(t.port())) continue;
    builder_.set_provenance(provenance);
    values_.emplace(t.port(), needed_.pinned.contains(t.port()) ? builder_.op(ir::OpKind::kPin, {param}) : param);
  }
}

void Lowering::define(const Port& port, ir::Value value) {
  if (const auto fed = feed_params_.find(port); fed != feed_params_.end()) {
    if (!needed_.overridden.contains(port)) return;
    value = builder_.op(ir::OpKind::kOverride, {value, fed->second});
  }
  if (needed_.pinned.contains(port)) value = builder_.op(ir::OpKind::kPin, {value});
  values_.emplace(port, value);
}

ir::Value Lowering::before_run(const Node& variable) {
  const Port port{&variable, 0};
  if (const auto it = values_.find(port); it != values_.end()) return it->second;
  const ir::Provenance provenance{variable.name, variable.loc};
  const ir::Provenance current = builder_.provenance();
  builder_.set_provenance(provenance);
  define(port, function_->add_param(variable.types[0], {ir::ParamKind::kVariable, variable.name}, provenance));
  builder_.set_provenance(current);
  return values_.at(port);
}

ir::Value Lowering::rng_state() {
  if (!rng_state_)
    rng_state_ = function_->add_param(ir::TensorType::scalar(kUInt64), {ir::ParamKind::kRngState, "rng_state"},
                                      builder_.provenance());
  return rng_state_;
}

Expected<ir::Value> Lowering::read(const Port& port, const Assigned* assigned) {
  const Node& node = *port.node;
  if (node.is(OpRole::kVariable)) {
    if (assigned)
      if (const auto it = assigned->find(&node); it != assigned->end())
        return assignments_.at(node.id).second[it->second].value;
    return before_run(node);
  }
  if (const auto it = values_.find(port); it != values_.end()) return it->second;
  DLC_CHECK(node.is(OpRole::kPlaceholder), "'{}' is needed and was not lowered", port_name(port));
  return make_error(ErrorCode::kFailedPrecondition, "placeholder '{}' {} needs a value: feed it", node.name,
                    node.types[0])
      .at(node.loc)
      .note(fmt::format("'{}' was made at {}", node.name, node.loc.str()));
}

std::vector<const Node*> Lowering::ancestors(const Node& node) const {
  std::vector<const Node*> all;
  for (const Port& p : data_inputs(node))
    if (!feed_params_.contains(p) || needed_.overridden.contains(p)) all.push_back(p.node);
  all.insert(all.end(), node.control_inputs.begin(), node.control_inputs.end());
  return all;
}

AssignedPtr Lowering::take_assigned(const Node& node) {
  AssignedPtr all;
  for (const Node* ancestor : ancestors(node)) {
    const auto it = assigned_.find(ancestor);
    if (it == assigned_.end()) continue;
    AssignedPtr theirs = it->second;
    if (--users_left_[static_cast<size_t>(ancestor->id)] == 0) assigned_.erase(it);
    if (!all) {
      all = std::move(theirs);
    } else if (theirs != all) {
      Assigned& merged = owned(all);
      for (const auto& [variable, number] : *theirs) {
        const auto [at, fresh] = merged.emplace(variable, number);
        if (!fresh) at->second = std::max(at->second, number);
      }
    }
  }
  return all;
}

Expected<void> Lowering::assign(const Node& variable, const Node& by, ir::Value value, Assigned& assigned) {
  auto& [node, chain] = assignments_[variable.id];
  node = &variable;
  const auto last = assigned.find(&variable);
  const size_t known = last == assigned.end() ? 0 : last->second + 1;
  if (known != chain.size()) {
    const Node& other = *chain.back().node;
    return make_error(ErrorCode::kFailedPrecondition,
                      "variable '{}' is assigned by {} '{}' and by {} '{}', and neither runs after the other; put one "
                      "under control_dependencies of the other",
                      variable.name, other.spec->name, other.name, by.spec->name, by.name)
        .at(by.loc)
        .note(fmt::format("'{}' was made at {}", other.name, other.loc.str()))
        .note(fmt::format("'{}' was made at {}", by.name, by.loc.str()));
  }
  chain.push_back({&by, value});
  assigned[&variable] = chain.size() - 1;
  return {};
}

Expected<void> Lowering::emit_initialize(const Node& node) {
  AssignedPtr assigned = take_assigned(node);
  std::vector<ir::Value> values;  // all are read before the first is assigned
  for (const Port& variable : node.inputs) {
    DLC_ASSIGN_OR_RETURN(values.emplace_back(), read(variable.node->inputs[0], assigned.get()));
  }
  for (size_t i = 0; i < values.size(); ++i)
    DLC_RETURN_IF_ERROR(assign(*node.inputs[i].node, node, values[i], owned(assigned)));
  if (assigned) assigned_[&node] = std::move(assigned);
  return {};
}

void Lowering::emit_gradients(const Node& node) {
  // xs and stops are what was pinned: for a variable its value from before the run.
  const auto pinned = [&](const Port& p) { return value_or_throw(read(p, nullptr)); };
  const AssignedPtr assigned = take_assigned(node);
  std::vector<ir::Value> operands;
  for (const char* list : {"ys", "grad_ys"})
    for (const Port& p : node.operand(list)) operands.push_back(value_or_throw(read(p, assigned.get())));
  for (const char* list : {"xs", "stop_gradients"})
    for (const Port& p : node.operand(list)) operands.push_back(pinned(p));
  const auto count = [&](const char* list) { return static_cast<int64_t>(node.operand(list).size()); };
  ir::Op* op = builder_.create(
      ir::OpKind::kGradients, operands,
      {{"num_ys", count("ys")}, {"num_grad_ys", count("grad_ys")}, {"num_stops", count("stop_gradients")}});
  for (int i = 0; i < op->num_results(); ++i) define({&node, i}, op->result(i));
  if (assigned) assigned_[&node] = assigned;
}

Expected<void> Lowering::emit_expanded(const Node& node) {
  AssignedPtr assigned = take_assigned(node);
  std::vector<ir::Value> operands;
  std::vector<const Node*> refs;
  for (size_t s = 0; s < node.segments.size(); ++s)
    for (const Port& p : node.operand(static_cast<int>(s))) {
      const OperandSpec& spec = node.spec->operands[s];
      if (spec.ref) refs.push_back(p.node);
      if (spec.write_only) {
        operands.push_back({});
        continue;
      }
      DLC_ASSIGN_OR_RETURN(const ir::Value value, read(p, assigned.get()));
      operands.push_back(value);
    }
  ExpandContext context(builder_, node, operands, [this] { return rng_state(); });
  const std::vector<ir::Value> results = node.spec->expand(context);
  DLC_CHECK(results.size() == node.types.size(), "{} '{}' made {} results, then {}", node.spec->name, node.name,
            node.types.size(), results.size());
  for (size_t i = 0; i < results.size(); ++i) define({&node, static_cast<int>(i)}, results[i]);
  for (size_t i = 0; i < refs.size(); ++i) DLC_RETURN_IF_ERROR(assign(*refs[i], node, results[i], owned(assigned)));
  if (assigned) assigned_[&node] = std::move(assigned);
  return {};
}

Expected<void> Lowering::emit(const Node& node) {
  builder_.set_provenance({node.name, node.loc});
  switch (node.spec->role) {
    case OpRole::kPlaceholder:
    case OpRole::kVariable: return {};  // read where they are used
    case OpRole::kInitialize: return emit_initialize(node);
    case OpRole::kGradients: emit_gradients(node); return {};
    case OpRole::kOrdinary: return emit_expanded(node);
  }
  DLC_UNREACHABLE("role");
}

Expected<void> Lowering::set_results() {
  std::vector<ir::Value> values;
  std::vector<ir::ResultInfo> infos;
  for (const Fetch& f : fetches_) {
    if (!f.is_tensor()) continue;
    builder_.set_provenance({f.node().name, f.node().loc});
    DLC_ASSIGN_OR_RETURN(const ir::Value v, read(f.tensor().port(), nullptr));
    values.push_back(v);
    infos.push_back({ir::ResultKind::kFetch, f.name()});
  }
  for (const auto& [id, assignments] : assignments_) {
    values.push_back(assignments.second.back().value);
    infos.push_back({ir::ResultKind::kUpdate, assignments.first->name});
  }
  function_->set_results(values, std::move(infos));
  return {};
}

Expected<void> Lowering::check_symbols() const {
  std::set<std::string> bound;
  for (int i = 0; i < function_->num_params(); ++i)
    for (const ir::Dim& d : function_->param(i).dims())
      if (const auto symbol = d.as_symbol()) bound.insert(*symbol);
  const auto check = [&](const ir::Dims& dims, const ir::Provenance& provenance) -> Expected<void> {
    for (const ir::Dim& d : dims) {
      if (d.is_constant()) continue;
      std::set<std::string> used;
      d.collect_symbols(used);
      for (const std::string& symbol : used)
        if (!bound.contains(symbol))
          return make_error(ErrorCode::kFailedPrecondition,
                            "'{}' needs the size of dimension {}, which no feed determines; feed a tensor that has it",
                            provenance.node(), symbol)
              .at(provenance.loc());
    }
    return {};
  };
  for (const auto& op : function_->ops()) {
    for (int i = 0; i < op->num_results(); ++i) DLC_RETURN_IF_ERROR(check(op->type(i).dims, op->provenance()));
    if (op->is(ir::OpKind::kDimValue)) DLC_RETURN_IF_ERROR(check(op->dims_attr("dim"), op->provenance()));
  }
  return {};
}

Expected<std::unique_ptr<ir::Function>> Lowering::run() {
  DLC_RETURN_IF_ERROR(check_arguments());
  needed_ = find_needed(graph_, fetches_, fed_);
  add_feeds();
  users_left_.resize(graph_.num_nodes());
  for (const Node* node : needed_.nodes)
    for (const Node* ancestor : ancestors(*node)) ++users_left_[static_cast<size_t>(ancestor->id)];
  // Inputs have smaller numbers than their users.
  for (const Node* node : needed_.nodes) DLC_RETURN_IF_ERROR(emit(*node));
  DLC_RETURN_IF_ERROR(set_results());
  ir::remove_dead_ops(*function_);
  DLC_RETURN_IF_ERROR(check_symbols());
  return std::move(function_);
}

}  // namespace

Expected<std::unique_ptr<ir::Function>> lower(const Graph& graph, const std::vector<Fetch>& fetches,
                                              const std::vector<Tensor>& fed, const LowerOptions& options) {
  try {
    return Lowering(graph, fetches, fed, options).run();
  } catch (const Exception& e) {
    if (e.code() == ErrorCode::kInternal) throw;
    return e.error();
  }
}

void add_assigned_variables(const Graph& graph, ir::Function& function) {
  std::unordered_set<std::string> known;
  for (int i = 0; i < function.num_params(); ++i)
    if (function.param_info(i).kind == ir::ParamKind::kVariable) known.insert(function.param_info(i).name);
  for (int r = 0; r < function.num_results(); ++r) {
    const ir::ResultInfo& result = function.result_info(r);
    if (result.kind != ir::ResultKind::kUpdate || !known.insert(result.name).second) continue;
    const Node& variable = graph.find_operation(result.name).node();
    function.add_param(variable.types[0], {ir::ParamKind::kVariable, variable.name}, {variable.name, variable.loc});
  }
}

}  // namespace dlc
