#include "frontend/train/optimizer.h"

#include <map>
#include <utility>

#include "frontend/graph/graph_state.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/core.h"
#include "frontend/ops/elementwise.h"
#include "frontend/train/gradients.h"

namespace dlc {

namespace {

std::string names_of(const std::vector<Tensor>& tensors) {
  std::string out;
  for (const Tensor& t : tensors) out += (out.empty() ? "'" : ", '") + t.name() + "'";
  return out.empty() ? "none" : out;
}

/// A variable named as if at the top: its name carries the scope of what it belongs to.
Tensor make_state(const Graph& graph, const std::string& name, const TensorArg& initial_value, const SourceLoc& loc) {
  GraphState& state = *graph.state();
  const std::string scope = std::exchange(state.scope_prefix, std::string());
  auto control = std::exchange(state.control_scopes, {});
  const Scope restore([&] {
    state.scope_prefix = scope;
    state.control_scopes = std::move(control);
  });
  return make_node(graph, "variable", {initial_value}, {{"trainable", false}}, name, loc).output();
}

}  // namespace

struct Optimizer::Slots {
  std::map<std::pair<const Node*, std::string>, Tensor> of;  // by variable (null: the optimiser's own)
};

Optimizer::Optimizer(std::string name) : name_(std::move(name)), slots_(std::make_shared<Slots>()) {}
Optimizer::~Optimizer() = default;

Operation Optimizer::minimize(const Tensor& loss, const MinimizeOptions& options, std::source_location loc) {
  return apply_gradients(compute_gradients(loss, options.variables, loc), options, loc);
}

std::vector<GradAndVar> Optimizer::compute_gradients(const Tensor& loss, const std::vector<Tensor>& variables,
                                                     std::source_location loc) const {
  if (!is_float(loss.dtype()))
    throw Exception(
        make_error(ErrorCode::kInvalidType, "{}: the loss needs f32 or f64, got {}; cast it", name_, loss.str())
            .at(SourceLoc(loc))
            .note(fmt::format("'{}' was made at {}", loss.name(), loss.node().loc.str())));
  const std::vector<Tensor> candidates = variables.empty() ? loss.graph().trainable_variables() : variables;
  for (const Tensor& v : candidates)
    if (!v.node().is(OpRole::kVariable))
      throw Exception(
          make_error(ErrorCode::kInvalidArgument, "{}: {} is no variable", name_, v.str()).at(SourceLoc(loc)));
  const std::vector<bool> reached = connected({loss}, candidates);
  std::vector<Tensor> xs;
  for (size_t i = 0; i < candidates.size(); ++i)
    if (reached[i] && is_float(candidates[i].dtype())) xs.push_back(candidates[i]);
  const std::vector<Tensor> gradients_of_xs = xs.empty() ? std::vector<Tensor>{} : gradients({loss}, xs, {}, loc);
  std::vector<GradAndVar> out;
  size_t next = 0;
  for (const Tensor& v : candidates) {
    const bool has = next < xs.size() && xs[next] == v;
    out.push_back({has ? gradients_of_xs[next] : Tensor(), v});
    next += has ? 1 : 0;
  }
  if (xs.empty()) {
    std::string assigned;
    for (const Tensor& v : candidates)
      if (assigned.empty()) assigned = unless_assigned(v);
    throw Exception(make_error(ErrorCode::kInvalidArgument,
                               "{}: no variable reaches the loss {} through differentiable operations{}; tried: {}",
                               name_, loss.str(), assigned, names_of(candidates))
                        .at(SourceLoc(loc))
                        .note(fmt::format("'{}' was made at {}", loss.name(), loss.node().loc.str())));
  }
  return out;
}

Operation Optimizer::apply_gradients(const std::vector<GradAndVar>& gradients, const MinimizeOptions& options,
                                     std::source_location loc) {
  std::vector<Tensor> variables;
  for (const GradAndVar& g : gradients) {
    variables.push_back(g.variable);
    if (g.gradient && g.gradient.dtype() != g.variable.dtype())
      throw Exception(make_error(ErrorCode::kInvalidType, "{}: the gradient {} needs the type of its variable {}",
                                 name_, g.gradient.str(), g.variable.str())
                          .at(SourceLoc(loc)));
  }
  std::vector<Fetch> updates;
  Graph graph = gradients.empty() ? default_graph() : gradients.front().variable.graph();
  std::string train_name(options.name);
  {
    const Scope scope = name_scope(graph, name_);
    for (const GradAndVar& g : gradients)
      if (g.gradient) updates.emplace_back(update(g.variable, g.gradient, loc));
    if (updates.empty())
      throw Exception(make_error(ErrorCode::kInvalidArgument, "{}: no variable has a gradient; given: {}", name_,
                                 names_of(variables))
                          .at(SourceLoc(loc)));
    const std::vector<Operation> last = finish(graph, loc);
    updates.insert(updates.end(), last.begin(), last.end());
    if (options.global_step) {
      const Scope after = control_dependencies(updates);
      updates.emplace_back(make_node(graph, "assign_add", {TensorArg(options.global_step, loc), TensorArg(1, loc)}, {},
                                     "count_step", loc));
    }
    if (train_name.empty()) return group(updates, "train", loc);
  }
  return group(updates, train_name, loc);
}

std::vector<Operation> Optimizer::finish(const Graph&, const SourceLoc&) { return {}; }

Tensor Optimizer::slot(const Tensor& variable, const std::string& slot_name, const SourceLoc& loc) {
  Tensor& t = slots_->of[{&variable.node(), slot_name}];
  if (!t) {
    const std::string name = variable.name() + "/" + slot_name;
    GraphState& state = *variable.graph().state();
    const std::string scope = std::exchange(state.scope_prefix, std::string());
    const Scope restore([&] { state.scope_prefix = scope; });
    const Tensor zeros =
        make_node(variable.graph(), "zeros", {}, {{"dims", variable.dims()}, {"dtype", variable.dtype()}},
                  name + "/initial_value", loc)
            .output();
    t = make_state(variable.graph(), name, zeros, loc);
  }
  return t;
}

Tensor Optimizer::scalar_state(const Graph& graph, const std::string& state_name, DType dtype,
                               const TensorArg& initial_value, const SourceLoc& loc) {
  Tensor& t = slots_->of[{nullptr, state_name}];
  if (!t) {
    TensorArg initial = initial_value;
    if (const Literal* literal = initial.literal())
      initial = TensorArg(value_or_throw(literal->to_array(dtype)), initial.source_location());
    t = make_state(graph, name_ + "/" + state_name, initial, loc);
  }
  return t;
}

TensorArg Optimizer::as_type_of(const TensorArg& hyper_parameter, DType dtype) {
  const Tensor* t = hyper_parameter.tensor();
  if (!t || t->dtype() == dtype) return hyper_parameter;
  return TensorArg(cast(hyper_parameter, dtype), hyper_parameter.source_location());
}

}  // namespace dlc
