#include "tools/dlc/model.h"

#include <algorithm>
#include <unordered_set>

#include "frontend/data/npy.h"
#include "frontend/data/npz.h"
#include "frontend/graph/graph_file.h"
#include "frontend/graph/lint.h"
#include "frontend/graph/lower.h"
#include "frontend/graph/node.h"
#include "frontend/ops/core.h"
#include "ir/interp/bind_symbols.h"
#include "ir/parser.h"
#include "support/diagnostics.h"
#include "support/suggest.h"
#include "tools/dlc/verb.h"

namespace dlc::tools {
namespace {

/// IR text begins, after comments and blanks, with a function.
bool looks_like_ir(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const size_t first = line.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && line[first] != '#' && line.substr(first, 2) != "//")
      return line.substr(first, 5) == "func ";
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return false;
}

}  // namespace

void add_silence_option(CLI::App& app, std::vector<std::string>& silenced) {
  app.add_option(
      "--silence", silenced,
      "No warnings of CODE (DLC-L005, or all), or with CODE=NAME only of that node or scope (docs/lints.md)");
}

Expected<Model> load_model(const std::string& path, const std::vector<std::string>& silenced) {
  Model model;
  model.path = path;
  DLC_ASSIGN_OR_RETURN(const std::string text, read_text(path));
  if (text.starts_with("\x7f"
                       "ELF"))
    return make_error(ErrorCode::kInvalidArgument,
                      "'{}' is a compiled program or library: neither a graph file nor IR text", path)
        .note("`dlc run` runs a model that `dlc compile --emit shared` made");
  if (text.empty()) return make_error(ErrorCode::kParse, "'{}' is empty: neither a graph file nor IR text", path);
  if (looks_like_ir(text)) {
    auto function = ir::parse_function(text, path);
    if (!function) return with_place_in_front(std::move(function).error());
    model.function = std::move(*function);
    return model;
  }
  Expected<Graph> graph = path == "-" ? parse_graph(text, "<stdin>") : read_graph_file(path);
  if (!graph) return with_place_in_front(std::move(graph).error());
  model.graph = std::move(*graph);
  for (const std::string& entry : silenced) {
    const size_t at = entry.find('=');
    const std::string where = at == std::string::npos ? "" : entry.substr(at + 1);
    DLC_RETURN_IF_ERROR(catching([&] { silence(*model.graph, entry.substr(0, at), where); }));
  }
  print_new_warnings(*model.graph);
  return model;
}

Expected<std::pair<std::string, std::string>> split_assignment(const std::string& text, const char* form) {
  const size_t at = text.find('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size())
    return make_error(ErrorCode::kInvalidArgument, "'{}' is not of the form {}", text, form);
  return std::pair(text.substr(0, at), text.substr(at + 1));
}

Expected<FeedType> parse_feed_type(const std::string& text) {
  const auto wrong = [&] {
    return make_error(ErrorCode::kInvalidArgument, "'{}' is no type of a feed; write, for example, f32[64,784]", text);
  };
  const size_t open = text.find('[');
  if (open == std::string::npos || text.back() != ']') return wrong();
  const std::optional<DType> dtype = dtype_from_string(text.substr(0, open));
  if (!dtype) return wrong();
  FeedType type{*dtype, {}};
  std::string_view sizes = std::string_view(text).substr(open + 1, text.size() - open - 2);
  while (!sizes.empty()) {
    const std::string one(sizes.substr(0, sizes.find(',')));
    sizes.remove_prefix(std::min(sizes.size(), one.size() + 1));
    const Expected<ir::Dim> dim = ir::parse_dim(one);
    if (!dim || !dim->is_constant() || dim->constant() < 0) return wrong();
    type.shape.push_back(dim->constant());
  }
  DLC_RETURN_IF_ERROR(checked_num_elements(type.shape, type.dtype));
  return type;
}

Expected<Array> read_array(const std::string& path) {
  const size_t colon = path.rfind(':');
  if (colon != std::string::npos && colon >= 4 && path.substr(colon - 4, 4) == ".npz")
    return read_npz_array(path.substr(0, colon), path.substr(colon + 1));
  return read_npy(path);
}

Expected<Tensor> find_tensor(const Graph& graph, const std::string& name) {
  return catching([&] { return graph.tensor(name); });
}

Expected<Fetch> find_fetch(const Graph& graph, const std::string& name) {
  if (name.find(':') == std::string::npos) {
    const Operation op = graph.find_operation(name);
    if (op && op.num_outputs() == 0) return Fetch(op);
  }
  DLC_ASSIGN_OR_RETURN(const Tensor t, find_tensor(graph, name));
  return Fetch(t);
}

std::vector<Fetch> default_fetches(const Graph& graph) {
  // Updates and what comes of them are for training. That a gradient is taken of a tensor does not make it
  // less of an output, unless it is made of gradients itself.
  std::unordered_set<const Node*> training, differentiated, read;
  for (size_t i = 0; i < graph.num_nodes(); ++i) {
    const Node& node = graph.node(i);
    const bool updates =
        std::any_of(node.spec->operands.begin(), node.spec->operands.end(), [](const OperandSpec& o) { return o.ref; });
    bool trains = updates || node.is(OpRole::kInitialize) || node.types.empty();
    bool of_gradients = node.is(OpRole::kGradients);
    for (const Port& p : node.inputs) {
      trains = trains || training.contains(p.node);
      of_gradients = of_gradients || differentiated.contains(p.node);
    }
    if (trains) training.insert(&node);
    if (of_gradients) differentiated.insert(&node);
    for (const Port& p : node.inputs)
      if (!node.is(OpRole::kGradients) || differentiated.contains(p.node)) read.insert(p.node);
  }
  std::vector<Fetch> out;
  for (size_t i = 0; i < graph.num_nodes(); ++i) {
    const Node& node = graph.node(i);
    const bool source = node.is(OpRole::kVariable) || node.is(OpRole::kPlaceholder) || node.is("constant");
    if (source || training.contains(&node) || read.contains(&node)) continue;
    for (const Tensor& t : graph.find_operation(node.name).outputs()) out.emplace_back(t);
  }
  return out;
}

std::vector<Tensor> needed_placeholders(const Graph& graph, const std::vector<Fetch>& fetches) {
  std::unordered_set<const Node*> seen;
  std::vector<const Node*> work;
  for (const Fetch& f : fetches) work.push_back(&f.node());
  while (!work.empty()) {
    const Node* n = work.back();
    work.pop_back();
    if (!seen.insert(n).second || n->is(OpRole::kVariable)) continue;
    for (const Port& p : n->inputs) work.push_back(p.node);
    for (const Node* c : n->control_inputs) work.push_back(c);
  }
  std::vector<Tensor> out;
  for (size_t i = 0; i < graph.num_nodes(); ++i)
    if (graph.node(i).is(OpRole::kPlaceholder) && seen.contains(&graph.node(i)))
      out.push_back(graph.find_operation(graph.node(i).name).output());
  return out;
}

Error missing_variable(const Checkpoint& saved, const std::string& path, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [known, array] : saved.tensors) names.push_back(known);
  return make_error(ErrorCode::kNotFound, "'{}' has no variable '{}'{}", path, name, did_you_mean(name, names))
      .note("the checkpoint must be one of this model: every variable is read from it");
}

Expected<std::unique_ptr<ir::Function>> function_of(Model& model, const std::vector<std::string>& fetch_names,
                                                    const std::vector<std::string>& feeds) {
  std::map<std::string, FeedType> types;
  for (const std::string& feed : feeds) {
    DLC_ASSIGN_OR_RETURN(const auto parts, split_assignment(feed, "NAME=DTYPE[DIMS]"));
    DLC_ASSIGN_OR_RETURN(types[parts.first], parse_feed_type(parts.second));
  }
  std::unique_ptr<ir::Function> function = std::move(model.function);
  if (model.graph) {
    std::vector<Fetch> fetches;
    for (const std::string& name : fetch_names) {
      DLC_ASSIGN_OR_RETURN(const Fetch f, find_fetch(*model.graph, name));
      fetches.push_back(f);
    }
    if (fetches.empty()) fetches = default_fetches(*model.graph);
    std::vector<Tensor> fed = needed_placeholders(*model.graph, fetches);
    for (const auto& [name, type] : types) {
      DLC_ASSIGN_OR_RETURN(const Tensor t, find_tensor(*model.graph, name));
      if (!t.node().is(OpRole::kPlaceholder)) fed.push_back(t);
    }
    DLC_ASSIGN_OR_RETURN(function, lower(*model.graph, fetches, fed));
    add_assigned_variables(*model.graph, *function);
  }
  std::vector<std::optional<Shape>> shapes(static_cast<size_t>(function->num_params()));
  for (int i = 0; i < function->num_params(); ++i) {
    const auto it = types.find(function->param_info(i).name);
    if (it == types.end()) continue;
    const FeedType& got = it->second;
    if (function->param(i).dtype() != got.dtype)
      return make_error(ErrorCode::kInvalidType, "feed '{}' needs {}, got {}", it->first, function->param(i).type(),
                        type_str(got.dtype, got.shape))
          .at(function->param(i).op->provenance().loc());
    shapes[static_cast<size_t>(i)] = got.shape;
  }
  // As a run with these feeds binds them: feeds that contradict one another or the model are told here.
  DLC_ASSIGN_OR_RETURN(const ir::SymbolBinding binding, ir::bind_known_symbols(*function, shapes));
  if (binding.empty()) return function;
  return function->specialize(binding);
}

Expected<FeedType> feed_type(const Tensor& t, const std::map<std::string, std::string>& given) {
  const auto it = given.find(t.name());
  if (it != given.end() && it->second.find('[') != std::string::npos) return parse_feed_type(it->second);
  FeedType type{t.dtype(), {}};
  for (const ir::Dim& d : t.dims()) {
    if (!d.is_constant())
      return make_error(ErrorCode::kInvalidArgument,
                        "the size '{}' of feed {} is open: give it, for example --feed {}={}", d, t.str(), t.name(),
                        type_str(t.dtype(), Shape{64}));
    type.shape.push_back(d.constant());
  }
  return type;
}

Expected<void> initialize(Session& session, const std::string& checkpoint) {
  const std::vector<Tensor> variables = session.graph().variables();
  if (variables.empty()) return {};
  if (checkpoint.empty()) return catching([&] { session.run(global_variables_initializer(session.graph())); });
  DLC_ASSIGN_OR_RETURN(const Checkpoint saved, load_checkpoint(checkpoint));
  for (const Tensor& v : variables) {
    const Array* value = saved.find(v.name());
    if (!value) return missing_variable(saved, checkpoint, v.name());
    DLC_RETURN_IF_ERROR(catching([&] { session.set_value(v, *value); }));
  }
  return {};
}

}  // namespace dlc::tools
