#include "frontend/graph/graph_state.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/core.h"

namespace dlc {

OpSpec variable_spec() {
  return {.name = "variable",
          .category = "state",
          .doc = "A value that a session keeps between runs.",
          .operands = {{"initial_value", "what the initialiser assigns; its dimensions are numbers"}},
          .attrs = {default_attr("trainable", true, "optimisers update it")},
          .role = OpRole::kVariable};
}

Tensor variable(const Graph& graph, const TensorArg& initial_value, std::string_view name,
                const VariableOptions& options) {
  TensorArg initial = initial_value;
  if (options.dtype && initial.literal()) {
    Expected<Array> value = initial.literal()->to_array(*options.dtype);
    if (!value) throw Exception(std::move(value).error().at(initial.where()));
    initial = TensorArg(std::move(value).value(), initial.source_location());
  }
  const Tensor v =
      make_node(graph, "variable", {initial}, {{"trainable", options.trainable}}, name, initial.where()).output();
  if (options.dtype && v.dtype() != *options.dtype)
    throw Exception(make_error(ErrorCode::kInvalidType, "variable '{}': the initial value is {}, the type {}; cast it",
                               v.name(), v.type(), *options.dtype)
                        .at(initial.where()));
  return v;
}

Tensor variable(const TensorArg& initial_value, std::string_view name, const VariableOptions& options) {
  const Tensor* t = initial_value.tensor();
  return variable(t && *t ? t->graph() : default_graph(), initial_value, name, options);
}

namespace {

Tensor reuse_variable(const std::shared_ptr<GraphState>& state, const Node& node, const Shape& shape, DType dtype,
                      const SourceLoc& loc) {
  const ir::TensorType wanted = ir::TensorType::of(dtype, shape);
  if (node.types[0] != wanted)
    throw Exception(
        make_error(ErrorCode::kInvalidShape, "variable '{}' is {}, asked for as {}", node.name, node.types[0], wanted)
            .at(loc)
            .note(fmt::format("'{}' was made at {}", node.name, node.loc.str())));
  return {state, {&node, 0}};
}

}  // namespace

Tensor get_variable(const Graph& graph, std::string_view name, const DimsArg& dims, const Initializer& initializer,
                    const GetVariableOptions& options, std::source_location loc) {
  const std::shared_ptr<GraphState>& state = graph.state();
  const GraphState::VariableScope& scope = state->variable_scopes.back();
  const std::string full_name = scope.prefix + std::string(name);
  Expected<Shape> shape = dims.resolve_static(fmt::format("variable '{}'", full_name));
  if (!shape) throw Exception(std::move(shape).error().at(loc));

  if (const auto it = state->variables_by_name.find(full_name); it != state->variables_by_name.end()) {
    const Node& node = *it->second;
    if (scope.reuse == Reuse::kNo)
      throw Exception(make_error(ErrorCode::kAlreadyExists,
                                 "variable '{}' exists already; to share it, ask for it under "
                                 "variable_scope(\"\", Reuse::kYes), which is the scope you are in, or Reuse::kAuto",
                                 full_name)
                          .at(loc)
                          .note(fmt::format("'{}' was first made at {}", full_name, node.loc.str())));
    return reuse_variable(state, node, *shape, options.dtype, loc);
  }
  if (scope.reuse == Reuse::kYes)
    throw Exception(
        make_error(ErrorCode::kNotFound,
                   "variable '{}' does not exist, and the variable scope reuses only (Reuse::kYes); make it "
                   "first, or use Reuse::kAuto",
                   full_name)
            .at(loc));

  // The initial value is named after its variable, and waits for nothing.
  const std::string scope_before = std::exchange(state->scope_prefix, full_name + "/");
  auto control_before = std::exchange(state->control_scopes, {});
  const Scope restore([&] {
    state->scope_prefix = scope_before;
    state->control_scopes = std::move(control_before);
  });
  const Tensor initial = initializer(graph, *shape, options.dtype, "initial_value", loc);
  const Operation v = value_or_throw(try_make_node_named(graph, "variable", {TensorArg(initial, loc)},
                                                         {{"trainable", options.trainable}}, full_name, loc));
  state->variables_by_name.emplace(full_name, &v.node());
  return v.output();
}

Tensor get_variable(std::string_view name, const DimsArg& dims, const Initializer& initializer,
                    const GetVariableOptions& options, std::source_location loc) {
  return get_variable(default_graph(), name, dims, initializer, options, loc);
}

Tensor initialized_value(const Tensor& variable) {
  if (!variable.node().is(OpRole::kVariable))
    throw Exception(make_error(ErrorCode::kInvalidArgument, "initialized_value: {} is no variable", variable.str())
                        .at(variable.node().loc));
  return {variable.graph().state(), variable.node().inputs[0]};
}

}  // namespace dlc
