#include "frontend/graph/make_node.h"

#include <algorithm>
#include <unordered_set>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/graph_state.h"
#include "frontend/graph/needed.h"
#include "ir/op_error.h"
#include "support/check.h"

namespace dlc {

namespace {

/// One node in the making. On failure its destructor takes back what it added.
class NodeMaker {
 public:
  NodeMaker(const Graph& graph, const OpSpec& spec, const SourceLoc& loc)
      : state_(graph.state()), spec_(spec), loc_(loc), first_new_(state_->nodes.size()) {}
  ~NodeMaker() {
    if (done_) return;
    while (state_->nodes.size() > first_new_) {
      state_->by_name.erase(state_->nodes.back().name);
      state_->name_counts.erase(state_->nodes.back().name);
      state_->nodes.pop_back();
    }
    if (!name_.empty()) state_->name_counts.erase(name_);
  }

  Expected<void> take_scoped_name(std::string_view name);
  Expected<void> take_exact_name(const std::string& name);
  Expected<Operation> make(const std::vector<OperandArg>& operands, ir::AttrMap attrs,
                           const std::vector<Operation>& control_inputs);

 private:
  /// "add 'dense1/add': <message>" at the user's place, with one note per operand.
  Error error(Error inner) const;
  Expected<void> check_counts(const std::vector<OperandArg>& operands) const;
  Expected<void> resolve_operands(const std::vector<OperandArg>& operands);
  Expected<Port> resolve(const TensorArg& arg, const OperandSpec& spec, size_t place,
                         const std::vector<std::optional<DType>>& group_dtypes);
  Expected<Port> make_constant(Array value, const OperandSpec& spec, size_t place, const SourceLoc& where);
  void fix_seeds(ir::AttrMap& attrs);
  void add_control_inputs(const std::vector<Operation>& given);
  Expected<void> infer(Node& node);
  /// Whether `node`, as it reads `variable`, sees what an assignment left rather than the value from before the run.
  bool reads_assigned(const Node& node, const Node& variable) const;
  std::vector<const Node*> ancestors_behind_assignments(const Node& node) const;

  std::shared_ptr<GraphState> state_;
  const OpSpec& spec_;
  const SourceLoc loc_;
  const size_t first_new_;
  std::string name_;
  Ports inputs_;
  InlineVector<int, 2> segments_;
  std::vector<const Node*> control_inputs_;
  bool done_ = false;
};

bool is_node_name(std::string_view name) {
  return !name.empty() && name.front() != '/' && name.back() != '/' &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.' || c == '-' || c == '/'; });
}

Error bad_name(std::string_view name) {
  return make_error(ErrorCode::kInvalidArgument,
                    "'{}' is no name of a node: letters, digits and _ . - make one, '/' may stand between them", name);
}

Expected<void> NodeMaker::take_scoped_name(std::string_view name) {
  if (!name.empty() && !is_node_name(name)) return bad_name(name).at(loc_);
  name_ = state_->unique_name(state_->scope_prefix + (name.empty() ? spec_.name : std::string(name)));
  return {};
}

Expected<void> NodeMaker::take_exact_name(const std::string& name) {
  if (!is_node_name(name)) return bad_name(name).at(loc_);
  if (const auto it = state_->by_name.find(name); it != state_->by_name.end())
    return make_error(ErrorCode::kAlreadyExists, "the name '{}' is taken by {}", name, it->second->spec->name)
        .at(loc_)
        .note(fmt::format("'{}' was made at {}", name, it->second->loc.str()));
  state_->name_counts.emplace(name, 1);
  name_ = name;
  return {};
}

Error NodeMaker::error(Error inner) const {
  Error e = make_error(inner.code, "{} '{}': {}", spec_.name, name_, inner.message);
  e.loc = loc_;
  e.notes = std::move(inner.notes);
  size_t i = 0;
  for (size_t s = 0; s < segments_.size(); ++s) {
    for (int k = 0; k < segments_[s] && i < inputs_.size(); ++k, ++i) {
      const Node& maker = *inputs_[i].node;
      const std::string& operand = spec_.operands[s].name;
      e.notes.push_back(fmt::format("operand {}: '{}' {}, made by {} at {}",
                                    spec_.operands[s].variadic ? fmt::format("{}[{}]", operand, k) : operand,
                                    port_name(inputs_[i]), maker.types[static_cast<size_t>(inputs_[i].index)],
                                    maker.spec->name, maker.loc.str()));
    }
  }
  return e;
}

Expected<void> NodeMaker::check_counts(const std::vector<OperandArg>& operands) const {
  if (operands.size() > spec_.operands.size())
    return make_error(ErrorCode::kInvalidArgument, "there are {} operands, the operator is {}", operands.size(),
                      spec_.signature());
  for (size_t i = 0; i < spec_.operands.size(); ++i) {
    const OperandSpec& spec = spec_.operands[i];
    const size_t given = i < operands.size() ? operands[i].args().size() : 0;
    if (given == 0 && !spec.optional && !spec.variadic)
      return make_error(ErrorCode::kInvalidArgument, "operand '{}' is missing; the operator is {}", spec.name,
                        spec_.signature());
    if (given > 1 && !spec.variadic)
      return make_error(ErrorCode::kInvalidArgument, "operand '{}' is one tensor, got a list of {}", spec.name, given);
  }
  return {};
}

Expected<void> NodeMaker::resolve_operands(const std::vector<OperandArg>& operands) {
  DLC_RETURN_IF_ERROR(check_counts(operands));
  std::vector<std::optional<DType>> group_dtypes;
  for (size_t i = 0; i < operands.size(); ++i) {
    const int group = spec_.operands[i].dtype_group;
    if (group < 0) continue;
    if (static_cast<size_t>(group) >= group_dtypes.size()) group_dtypes.resize(static_cast<size_t>(group) + 1);
    for (const TensorArg& arg : operands[i].args()) {
      std::optional<DType>& dtype = group_dtypes[static_cast<size_t>(group)];
      if (dtype) break;
      if (arg.tensor() && *arg.tensor()) dtype = arg.tensor()->dtype();
      if (arg.array()) dtype = arg.array()->dtype();
    }
  }
  // Only literals: 2.5 decides for 3.
  for (size_t i = 0; i < operands.size(); ++i) {
    const int group = spec_.operands[i].dtype_group;
    if (group < 0) continue;
    for (const TensorArg& arg : operands[i].args()) {
      std::optional<DType>& dtype = group_dtypes[static_cast<size_t>(group)];
      if (arg.literal() && (!dtype || (*dtype == kInt32 && arg.literal()->natural_dtype() == kFloat32 &&
                                       std::none_of(operands.begin(), operands.end(), [](const OperandArg& o) {
                                         return std::any_of(o.args().begin(), o.args().end(),
                                                            [](const TensorArg& a) { return !a.literal(); });
                                       }))))
        dtype = arg.literal()->natural_dtype();
    }
  }
  for (size_t i = 0; i < spec_.operands.size(); ++i) {
    segments_.push_back(0);
    if (i >= operands.size()) continue;
    for (const TensorArg& arg : operands[i].args()) {
      DLC_ASSIGN_OR_RETURN(const Port port,
                           resolve(arg, spec_.operands[i], static_cast<size_t>(segments_.back()), group_dtypes));
      inputs_.push_back(port);
      ++segments_.back();
    }
  }
  return {};
}

Expected<Port> NodeMaker::resolve(const TensorArg& arg, const OperandSpec& spec, size_t place,
                                  const std::vector<std::optional<DType>>& group_dtypes) {
  if (const Tensor* t = arg.tensor()) {
    if (!*t) return make_error(ErrorCode::kInvalidArgument, "operand '{}' is an empty Tensor", spec.name);
    if (t->graph().state() != state_)
      return make_error(ErrorCode::kInvalidArgument,
                        "operand '{}' is {} of another graph; build all of a program in one graph", spec.name, t->str())
          .note(fmt::format("'{}' was made at {}", t->name(), t->node().loc.str()));
    if (spec.ref && !t->node().is(OpRole::kVariable))
      return make_error(ErrorCode::kInvalidArgument, "operand '{}' needs a variable, got {} '{}'", spec.name,
                        t->node().spec->name, t->name())
          .note(fmt::format("'{}' was made at {}", t->name(), t->node().loc.str()));
    return t->port();
  }
  if (spec.ref) return make_error(ErrorCode::kInvalidArgument, "operand '{}' needs a variable, got a value", spec.name);
  if (const Array* a = arg.array()) return make_constant(a->clone(), spec, place, arg.where());
  const Literal& literal = *arg.literal();
  const DType dtype =
      spec.dtype_group < 0 ? literal.natural_dtype() : *group_dtypes[static_cast<size_t>(spec.dtype_group)];
  Expected<Array> value = literal.to_array(dtype);
  if (!value) return make_error(value.error().code, "operand '{}': {}", spec.name, value.error().message);
  return make_constant(std::move(value).value(), spec, place, arg.where());
}

Expected<Port> NodeMaker::make_constant(Array value, const OperandSpec& spec, size_t place, const SourceLoc& where) {
  NodeMaker maker(Graph(state_), *find_op_spec("constant"), where.known() ? where : loc_);
  const std::string base = name_ + "/" + spec.name;
  maker.name_ = state_->unique_name(spec.variadic ? fmt::format("{}_{}", base, place) : base);
  DLC_ASSIGN_OR_RETURN(const Operation op, maker.make({}, {{"value", std::move(value)}}, {}));
  return Port{&op.node(), 0};
}

void NodeMaker::fix_seeds(ir::AttrMap& attrs) {
  if (!spec_.seeded) return;
  // The graph's seed is fixed in the node too, so that a later set_random_seed moves nothing.
  if (!attrs.contains("graph_seed")) attrs["graph_seed"] = state_->random_seed;
  if (!attrs.contains("seed")) attrs["seed"] = state_->next_op_seed--;
}

void NodeMaker::add_control_inputs(const std::vector<Operation>& given) {
  std::unordered_set<const Node*> seen;
  for (const Operation& op : given)
    if (seen.insert(&op.node()).second) control_inputs_.push_back(&op.node());
  // What neither computes nor reads a variable needs no order.
  if (spec_.name == "constant" || spec_.role == OpRole::kPlaceholder || spec_.role == OpRole::kVariable) return;
  for (const auto& scope : state_->control_scopes)
    for (const Node* n : scope)
      if (seen.insert(n).second) control_inputs_.push_back(n);
}

/// The variables that a node gives new values.
std::vector<const Node*> assigned_variables(const Node& node) {
  std::vector<const Node*> variables;
  if (node.is(OpRole::kInitialize))
    for (const Port& p : node.inputs) variables.push_back(p.node);
  if (node.is(OpRole::kOrdinary))
    for (size_t s = 0; s < node.segments.size(); ++s)
      if (node.spec->operands[s].ref)
        for (const Port& p : node.operand(static_cast<int>(s))) variables.push_back(p.node);
  return variables;
}

std::vector<const Node*> NodeMaker::ancestors_behind_assignments(const Node& node) const {
  std::vector<const Node*> found;
  const auto visit = [&](const Node* n) {
    if (state_->behind_assignments.contains(n)) found.push_back(n);
  };
  for (const Port& p : data_inputs(node)) visit(p.node);
  for (const Node* n : node.control_inputs) visit(n);
  return found;
}

bool NodeMaker::reads_assigned(const Node& node, const Node& variable) const {
  if (!state_->assigned_variables.contains(&variable)) return false;
  std::unordered_set<const Node*> seen;
  std::vector<const Node*> pending;
  const auto visit_ancestors = [&](const Node& of) {
    for (const Node* n : ancestors_behind_assignments(of))
      if (seen.insert(n).second) pending.push_back(n);
  };
  visit_ancestors(node);
  while (!pending.empty()) {
    const Node& ancestor = *pending.back();
    pending.pop_back();
    const std::vector<const Node*> assigned = assigned_variables(ancestor);
    if (std::find(assigned.begin(), assigned.end(), &variable) != assigned.end()) return true;
    visit_ancestors(ancestor);
  }
  return false;
}

Expected<void> NodeMaker::infer(Node& node) {
  ir::Function& scratch = state_->scratch;
  const auto add_param = [&](ir::TensorType type) {
    node.types.push_back(type);
    node.scratch_values.push_back(scratch.add_param(std::move(type), {ir::ParamKind::kFeed, node.name}));
  };
  switch (spec_.role) {
    case OpRole::kPlaceholder:
      add_param({std::get<DType>(node.attrs.at("dtype")), std::get<ir::Dims>(node.attrs.at("dims"))});
      return {};
    case OpRole::kVariable: {
      const Port initial = node.inputs[0];
      const ir::TensorType& type = initial.node->types[static_cast<size_t>(initial.index)];
      if (!type.is_static())
        return make_error(ErrorCode::kInvalidShape,
                          "the initial value needs dimensions that are numbers, got {}: a variable keeps its shape",
                          type);
      add_param(type);
      return {};
    }
    case OpRole::kInitialize:
      for (const Port& p : node.inputs)
        if (!p.node->is(OpRole::kVariable))
          return make_error(ErrorCode::kInvalidArgument, "'{}' is no variable", port_name(p));
      return {};
    case OpRole::kGradients:
      for (const Port& p : node.operand("xs")) {
        add_param(p.node->types[static_cast<size_t>(p.index)]);
        state_->scratch_gradients.emplace(node.scratch_values.back().op, &node);
      }
      return {};
    case OpRole::kOrdinary: break;
  }
  ir::Builder builder(scratch);
  builder.set_provenance({{}, loc_});
  std::vector<ir::Value> operands;
  for (const Port& p : node.inputs) {
    const ir::Value value = p.node->scratch_values[static_cast<size_t>(p.index)];
    // A gradient is with respect to a variable's value from before the run.
    operands.push_back(reads_assigned(node, *p.node) ? builder.op(ir::OpKind::kStopGradient, {value}) : value);
  }
  ExpandContext context(builder, node, operands, [&] {
    if (!state_->scratch_rng_state)
      state_->scratch_rng_state =
          scratch.add_param(ir::TensorType::scalar(kUInt64), {ir::ParamKind::kRngState, "rng_state"});
    return state_->scratch_rng_state;
  });
  std::vector<ir::Value> results;
  try {
    results = spec_.expand(context);
  } catch (const Exception& e) {
    if (e.code() == ErrorCode::kInternal) throw;
    return ir::without_op_name(e.error());  // error() puts the node's own in front
  }
  // Each output is a value of its own, so that derivatives know identity(x) from x.
  std::unordered_set<ir::Value> taken(operands.begin(), operands.end());
  for (ir::Value v : results) {
    if (!taken.insert(v).second) v = builder.op(ir::OpKind::kPin, {v});
    node.types.push_back(v.type());
    node.scratch_values.push_back(v);
  }
  return {};
}

Expected<Operation> NodeMaker::make(const std::vector<OperandArg>& operands, ir::AttrMap attrs,
                                    const std::vector<Operation>& control_inputs) {
  if (state_->finalized)
    return error(make_error(ErrorCode::kFailedPrecondition, "the graph is finalized, no node can be added"));
  fix_seeds(attrs);
  if (auto ok = check_attrs(spec_, attrs); !ok) return error(std::move(ok).error());
  if (auto ok = resolve_operands(operands); !ok) return error(std::move(ok).error());
  add_control_inputs(control_inputs);

  Node& node = state_->nodes.emplace_back();
  node.id = static_cast<int>(state_->nodes.size()) - 1;
  node.spec = &spec_;
  node.name = name_;
  node.inputs = inputs_;
  node.segments = segments_;
  node.control_inputs = std::move(control_inputs_);
  node.attrs = std::move(attrs);
  node.loc = loc_;
  if (auto ok = infer(node); !ok) return error(std::move(ok).error());
  const std::vector<const Node*> assigned = assigned_variables(node);
  state_->assigned_variables.insert(assigned.begin(), assigned.end());
  if (!assigned.empty() || !ancestors_behind_assignments(node).empty()) state_->behind_assignments.insert(&node);
  state_->by_name.emplace(name_, &node);
  done_ = true;
  return Operation(state_, &node);
}

Expected<const OpSpec*> spec_of(std::string_view op, const SourceLoc& loc) {
  if (const OpSpec* spec = find_op_spec(op)) return spec;
  return make_error(ErrorCode::kNotFound, "there is no operator '{}'", op).at(loc);
}

/// The graph and the place of the first argument that has one.
Graph graph_of(const std::vector<OperandArg>& operands) {
  for (const OperandArg& o : operands)
    for (const TensorArg& a : o.args())
      if (a.tensor() && *a.tensor()) return a.tensor()->graph();
  return default_graph();
}

SourceLoc place_of(const std::vector<OperandArg>& operands, const SourceLoc& otherwise) {
  for (const OperandArg& o : operands)
    for (const TensorArg& a : o.args()) return a.where();
  return otherwise;
}

}  // namespace

Expected<Operation> try_make_node(const Graph& graph, std::string_view op, const std::vector<OperandArg>& operands,
                                  ir::AttrMap attrs, std::string_view name, const SourceLoc& loc) {
  DLC_ASSIGN_OR_RETURN(const OpSpec* spec, spec_of(op, loc));
  NodeMaker maker(graph, *spec, loc);
  DLC_RETURN_IF_ERROR(maker.take_scoped_name(name));
  return maker.make(operands, std::move(attrs), {});
}

Operation make_node(const Graph& graph, std::string_view op, const std::vector<OperandArg>& operands, ir::AttrMap attrs,
                    std::string_view name, const SourceLoc& loc) {
  return value_or_throw(try_make_node(graph, op, operands, std::move(attrs), name, loc));
}

Expected<Operation> try_make_node_named(const Graph& graph, std::string_view op,
                                        const std::vector<OperandArg>& operands, ir::AttrMap attrs,
                                        const std::string& name, const SourceLoc& loc,
                                        const std::vector<Operation>& control_inputs) {
  DLC_ASSIGN_OR_RETURN(const OpSpec* spec, spec_of(op, loc));
  NodeMaker maker(graph, *spec, loc);
  DLC_RETURN_IF_ERROR(maker.take_exact_name(name));
  return maker.make(operands, std::move(attrs), control_inputs);
}

Operation apply_op(std::string_view op, const std::vector<OperandArg>& operands, ir::AttrMap attrs,
                   std::string_view name, const SourceLoc& loc) {
  return make_node(graph_of(operands), op, operands, std::move(attrs), name, place_of(operands, loc));
}

Tensor apply(std::string_view op, const std::vector<OperandArg>& operands, ir::AttrMap attrs, std::string_view name,
             const SourceLoc& loc) {
  return apply_op(op, operands, std::move(attrs), name, loc).output(0);
}

Tensor apply_at(const Graph& graph, const SourceLoc& loc, std::string_view op, ir::AttrMap attrs,
                std::string_view name) {
  return make_node(graph, op, {}, std::move(attrs), name, loc).output(0);
}

Tensor apply_dims(const Graph& graph, const SourceLoc& loc, std::string_view op, const DimsArg& dims, ir::AttrMap attrs,
                  std::string_view name) {
  Graph g = graph;
  Expected<ir::Dims> resolved = dims.resolve(g);
  if (!resolved) throw Exception(std::move(resolved).error().at(loc));
  attrs["dims"] = std::move(resolved).value();
  return apply_at(g, loc, op, std::move(attrs), name);
}

ir::AttrMap axis_attrs(const Axes& axes, const char* attr_name) {
  if (!axes.get()) return {};
  return {{attr_name, *axes.get()}};
}

}  // namespace dlc
