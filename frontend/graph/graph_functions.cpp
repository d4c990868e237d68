// Graph files: functions that are no operators (optimisers), and operators whose function does more than
// make their node (gradients).
#include <algorithm>

#include "frontend/graph/graph_reader.h"
#include "frontend/ops/core.h"
#include "frontend/train/gradients.h"
#include "frontend/train/optimizer.h"

namespace dlc::graph_text {

const std::map<std::string, GraphReader::Function, std::less<>>& GraphReader::functions() {
  static const std::map<std::string, Function, std::less<>> table = {
      {"constant", &GraphReader::constant},   {"stored_constant", &GraphReader::stored_constant},
      {"group", &GraphReader::group},         {"global_variables_initializer", &GraphReader::initializer},
      {"gradients", &GraphReader::gradients}, {"gradient_descent", &GraphReader::gradient_descent},
      {"momentum", &GraphReader::momentum},   {"adam", &GraphReader::adam},
  };
  return table;
}

namespace {

int lower_hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

/// constant(2.5), constant([1, 2], i64), constant(f32[0, 3]), constant(f32[2], "0000c07f0000803f"): the
/// bytes of the elements in order, each element's lowest byte first.
std::optional<Operation> GraphReader::constant(const Expr& e, const std::string& name) {
  const std::optional<Arguments> args = bind(e, {"value", "dtype", "control_inputs"});
  if (!args) return std::nullopt;
  const Expr *value = args->find("value"), *as = args->find("dtype");
  if (!value) return error(e.place, ErrorCode::kInvalidArgument, "constant: the value is missing");
  std::optional<Array> array;
  if (value->is(Expr::Kind::kType) && value->has_dims) {
    const std::optional<ir::TensorType> t = type(*value);
    if (!t) return std::nullopt;
    if (!t->is_static())
      return error(value->place, ErrorCode::kInvalidShape,
                   fmt::format("constant: {} needs dimensions that are numbers", *t));
    const auto bytes = static_cast<size_t>(num_elements(t->shape())) * size_of(t->dtype);
    const std::string hex = as && as->is(Expr::Kind::kString) ? as->text : "";
    // Compared before anything is allocated: a short text must not ask for much memory.
    if ((as && !as->is(Expr::Kind::kString)) || hex.size() / 2 != bytes || hex.size() % 2 != 0)
      return error((as ? as : value)->place, ErrorCode::kInvalidArgument,
                   fmt::format("constant: {} needs its bytes as a string of {} hexadecimal digits", *t, 2 * bytes));
    array = Array::uninitialized(t->dtype, t->shape());
    for (size_t i = 0; i < bytes; ++i) {
      const int high = lower_hex_digit(hex[2 * i]), low = lower_hex_digit(hex[2 * i + 1]);
      if (high < 0 || low < 0 || (t->dtype == kBool && 16 * high + low > 1))
        return error(as->place, ErrorCode::kInvalidArgument,
                     fmt::format("constant: '{}' is no {}", hex.substr(2 * i, 2),
                                 t->dtype == kBool ? "bool: 00 or 01" : "byte: 0-9 and a-f"));
      array->bytes()[i] = static_cast<std::byte>(16 * high + low);
    }
  } else {
    if (as && (!as->is(Expr::Kind::kType) || as->has_dims))
      return error(as->place, ErrorCode::kInvalidType,
                   fmt::format("constant: 'dtype' needs an element type such as f32, got {}", as->describe()));
    const std::optional<Literal> l = literal(*value, "constant");
    if (!l) return std::nullopt;
    Expected<Array> converted = l->to_array(as ? as->dtype : l->natural_dtype());
    if (!converted) return error(value->place, converted.error());
    array = std::move(*converted);
  }
  const std::optional<std::vector<Operation>> control = operations(args->find("control_inputs"), "control_inputs");
  if (!control) return std::nullopt;
  return make(e, "constant", {}, {{"value", std::move(*array)}}, name, *control);
}

std::optional<Operation> GraphReader::stored_constant(const Expr& e, const std::string& name) {
  const std::optional<Arguments> args = bind(e, {"type", "control_inputs"});
  if (!args) return std::nullopt;
  const Expr* wanted = args->find("type");
  if (!wanted || !wanted->is(Expr::Kind::kType) || !wanted->has_dims)
    return error(e.place, ErrorCode::kInvalidArgument, "stored_constant needs its type, such as f32[784, 10]");
  const std::optional<ir::TensorType> t = type(*wanted);
  const std::optional<std::vector<Operation>> control = operations(args->find("control_inputs"), "control_inputs");
  if (!t || !control) return std::nullopt;
  if (name.empty())
    return error(e.place, ErrorCode::kInvalidArgument,
                 "stored_constant needs a name, under which it is stored: NAME = stored_constant(...)");
  if (!stored_)
    return error(
        e.place, ErrorCode::kNotFound,
        "there is no file of constants: name it above with constants_file(\"...\"), and read the graph from a file");
  const Array* array = find_array(*stored_, name);
  if (!array) return error(e.place, ErrorCode::kNotFound, fmt::format("the file of constants has no '{}'", name));
  if (*t != ir::TensorType::of(array->dtype(), array->shape()))
    return error(e.place, ErrorCode::kData,
                 fmt::format("'{}' is {} in the file of constants, {} here", name, array->type_str(), *t));
  return make(e, "constant", {}, {{"value", *array}}, name, *control);
}

/// group([a, b]): the operator has control inputs only.
std::optional<Operation> GraphReader::group(const Expr& e, const std::string& name) {
  const std::optional<Arguments> args = bind(e, {"operations"});
  if (!args) return std::nullopt;
  const std::optional<std::vector<Operation>> members = operations(args->find("operations"), "group");
  return members ? make(e, "group", {}, {}, name, *members) : std::nullopt;
}

/// Without arguments: of all variables so far.
std::optional<Operation> GraphReader::initializer(const Expr& e, const std::string& name) {
  const OpSpec& spec = *find_op_spec("global_variables_initializer");
  if (!e.args.empty()) return call_op(spec, e, name);
  std::vector<TensorArg> all;
  for (const Tensor& v : graph_.variables()) all.emplace_back(v, std::source_location{});
  return make(e, spec.name, {OperandArg(std::move(all))}, {}, name);
}

/// `gradients = adam(loss)`: a node on the way has taken the name.
// By value: a caller may hand in the very names that are swapped.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
void GraphReader::swap_names(std::string a, std::string b) {
  Node &x = state_.nodes[static_cast<size_t>(state_.by_name.at(a)->id)],
       &y = state_.nodes[static_cast<size_t>(state_.by_name.at(b)->id)];
  std::swap(x.name, y.name);
  state_.by_name[a] = &y;
  state_.by_name[b] = &x;
}

std::optional<Operation> GraphReader::build(const Expr& e, std::string_view op, const std::string& name,
                                            const Expr* control,
                                            const std::function<Operation(const std::string& local_name)>& api) {
  const std::optional<std::vector<Operation>> waits = operations(control, "control_inputs");
  if (!waits) return std::nullopt;
  const std::string full = take_name(name, op);
  state_.name_counts.erase(full);  // the API takes it itself
  std::vector<const Node*> nodes;
  for (const Operation& w : *waits) nodes.push_back(&w.node());
  state_.control_scopes.push_back(std::move(nodes));
  const std::string scope = state_.scope_prefix;
  const size_t first = graph_.num_nodes();
  std::optional<Operation> made;
  try {
    made = api(full.substr(scope.size()));
  } catch (const Exception& failure) {
    Error shown = failure.error();
    shown.loc = {};
    error(e.place, shown);
  }
  state_.control_scopes.pop_back();
  state_.scope_prefix = scope;
  locate(first, e.place);
  if (made && made->name() != full) swap_names(full, made->name());
  return made;
}

/// gradients(ys, xs, grad_ys=[], stop_gradients=[], unconnected="error"). The node alone does not say
/// whether its xs may be unconnected, for that is decided when it is built.
std::optional<Operation> GraphReader::gradients(const Expr& e, const std::string& name) {
  const std::optional<Arguments> args =
      bind(e, {"ys", "xs", "grad_ys", "stop_gradients", "unconnected", "control_inputs"});
  if (!args) return std::nullopt;
  const std::optional<std::vector<Tensor>> ys = tensors(args->find("ys"), "gradients: ys"),
                                           xs = tensors(args->find("xs"), "gradients: xs"),
                                           grad_ys = tensors(args->find("grad_ys"), "gradients: grad_ys"),
                                           stops = tensors(args->find("stop_gradients"), "gradients: stop_gradients");
  if (!ys || !xs || !grad_ys || !stops) return std::nullopt;
  if (xs->empty()) return error(e.place, ErrorCode::kInvalidArgument, "gradients: there is no x");
  GradientsOptions options{.grad_ys = *grad_ys, .stop_gradients = *stops};
  if (const Expr* unconnected = args->find("unconnected")) {
    if (!unconnected->is(Expr::Kind::kString) || (unconnected->text != "zeros" && unconnected->text != "error"))
      return error(unconnected->place, ErrorCode::kInvalidArgument,
                   "gradients: 'unconnected' is \"error\" or \"zeros\"");
    if (unconnected->text == "zeros") options.unconnected = Unconnected::kZeros;
  }
  const auto floats = [](const std::vector<Tensor>& all) {
    return std::all_of(all.begin(), all.end(), [](const Tensor& t) { return is_float(t.dtype()); });
  };
  if (options.unconnected == Unconnected::kError && floats(*ys) && floats(*xs)) {
    // Said here in words of the file: the API's message has its own remedy.
    const std::vector<bool> reached = connected(*ys, *xs, *stops);
    for (size_t i = 0; i < xs->size(); ++i)
      if (!ys->empty() && !reached[i])
        return error(e.place, make_error(ErrorCode::kInvalidArgument,
                                         "gradients: no y depends on {} through differentiable operations{}; ask for "
                                         "zeros with unconnected=\"zeros\"",
                                         (*xs)[i].str(), unless_assigned((*xs)[i]))
                                  .note(fmt::format("'{}' was made by {} at {}", (*xs)[i].name(),
                                                    (*xs)[i].node().spec->name, (*xs)[i].node().loc.str())));
  }
  return build(e, "gradients", name, args->find("control_inputs"), [&](const std::string& local) {
    options.name = local;
    return dlc::gradients(*ys, *xs, options, std::source_location{}).front().op();
  });
}

std::optional<Operation> GraphReader::minimize(
    const Expr& e, const std::string& name, const std::vector<std::string>& params,
    const std::function<std::unique_ptr<Optimizer>(const Arguments&)>& optimizer) {
  std::vector<std::string> all = {"loss"};
  all.insert(all.end(), params.begin(), params.end());
  all.insert(all.end(), {"variables", "global_step", "control_inputs"});
  const std::optional<Arguments> args = bind(e, all);
  if (!args) return std::nullopt;
  const Expr *loss = args->find("loss"), *step = args->find("global_step");
  if (!loss) return error(e.place, ErrorCode::kInvalidArgument, fmt::format("{}: the loss is missing", e.text));
  const std::optional<Tensor> y = tensor(*loss, e.text + ": loss");
  const std::optional<std::vector<Tensor>> variables = tensors(args->find("variables"), e.text + ": variables");
  const std::optional<Tensor> counter = step ? tensor(*step, e.text + ": global_step") : Tensor();
  if (!y || !variables || !counter) return std::nullopt;
  const std::unique_ptr<Optimizer> o = optimizer(*args);
  if (!o) return std::nullopt;
  return build(e, "train", name, args->find("control_inputs"), [&](const std::string& local) {
    return o->minimize(*y, {.variables = *variables, .global_step = *counter, .name = local}, std::source_location{});
  });
}

std::optional<Operation> GraphReader::gradient_descent(const Expr& e, const std::string& name) {
  return minimize(e, name, {"learning_rate"}, [&](const Arguments& args) -> std::unique_ptr<Optimizer> {
    const std::optional<TensorArg> rate = hyper_parameter(e, args, "learning_rate", {});
    if (!rate) return nullptr;
    return std::make_unique<GradientDescentOptimizer>(*rate);
  });
}

std::optional<Operation> GraphReader::momentum(const Expr& e, const std::string& name) {
  const std::vector<std::string> params = {"learning_rate", "momentum", "use_nesterov"};
  return minimize(e, name, params, [&](const Arguments& args) -> std::unique_ptr<Optimizer> {
    const std::optional<TensorArg> rate = hyper_parameter(e, args, "learning_rate", {}),
                                   momentum = hyper_parameter(e, args, "momentum", {});
    if (!rate || !momentum) return nullptr;
    const Expr* nesterov = args.find("use_nesterov");
    if (nesterov && !nesterov->is(Expr::Kind::kBool)) {
      error(nesterov->place, ErrorCode::kInvalidType,
            fmt::format("momentum: 'use_nesterov' needs true or false, got {}", nesterov->describe()));
      return nullptr;
    }
    return std::make_unique<MomentumOptimizer>(*rate, *momentum, nesterov && nesterov->integer != 0);
  });
}

std::optional<Operation> GraphReader::adam(const Expr& e, const std::string& name) {
  const std::vector<std::string> params = {"learning_rate", "beta1", "beta2", "epsilon"};
  return minimize(e, name, params, [&](const Arguments& args) -> std::unique_ptr<Optimizer> {
    const std::optional<TensorArg> rate = hyper_parameter(e, args, "learning_rate", 1e-3),
                                   beta1 = hyper_parameter(e, args, "beta1", 0.9),
                                   beta2 = hyper_parameter(e, args, "beta2", 0.999),
                                   epsilon = hyper_parameter(e, args, "epsilon", 1e-8);
    if (!rate || !beta1 || !beta2 || !epsilon) return nullptr;
    return std::make_unique<AdamOptimizer>(*rate, *beta1, *beta2, *epsilon);
  });
}

std::optional<TensorArg> GraphReader::hyper_parameter(const Expr& e, const Arguments& args, const std::string& param,
                                                      std::optional<double> by_default) {
  if (const Expr* value = args.find(param)) return tensor_arg(*value, fmt::format("{}: {}", e.text, param));
  if (by_default) return TensorArg(*by_default, std::source_location{});
  return error(e.place, ErrorCode::kInvalidArgument, fmt::format("{}: '{}' is missing", e.text, param));
}

}  // namespace dlc::graph_text
