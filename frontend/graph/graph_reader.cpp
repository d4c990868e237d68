// Graph files: statements to nodes, by make_node like the functions of the API.
#include "frontend/graph/graph_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "frontend/graph/lint.h"
#include "frontend/graph/make_node.h"
#include "support/suggest.h"

namespace dlc::graph_text {

Graph GraphReader::read(const std::vector<Statement>& statements) {
  const Scope scope = graph_.as_default();
  declare(statements, "");
  for (const auto& [name, place] : declared_) state_.name_counts.emplace(name, 1);
  run(statements);
  if (diagnostics_.ok()) finish();
  return graph_;
}

namespace {

/// The argument of name_scope("dense1"); empty if it is another.
std::string scope_name(const Expr& call) {
  if (call.args.size() != 1 || !call.args[0].keyword.empty() || !call.args[0].value->is(Expr::Kind::kString)) return {};
  return call.args[0].value->text;
}

}  // namespace

/// All names are known before the first node is made, so that the names of nodes without one differ
/// from them, and one that is used too early is told from one that does not exist.
void GraphReader::declare(const std::vector<Statement>& statements, const std::string& prefix) {
  for (const Statement& s : statements) {
    if (s.has_block) declare(s.block, s.value->text == "name_scope" ? prefix + scope_name(*s.value) + "/" : prefix);
    for (const Target& t : s.targets) {
      const auto [it, fresh] = declared_.emplace(prefix + t.name, t.place);
      if (fresh) continue;
      refused_.insert(&s);
      error(t.place, ErrorCode::kAlreadyExists,
            fmt::format("'{}' is defined twice, first in line {}; a name stands for one node", it->first,
                        it->second.line));
    }
  }
}

void GraphReader::run(const std::vector<Statement>& statements) {
  for (const Statement& s : statements) {
    if (diagnostics_.full()) return;
    run(s);
  }
}

void GraphReader::run(const Statement& s) {
  if (refused_.contains(&s)) return;
  if (s.has_block) return run_block(s);
  const auto full = [&](size_t i) { return state_.scope_prefix + s.targets[i].name; };
  if (!s.value) {
    for (size_t i = 0; i < s.targets.size(); ++i) failed_.insert(full(i));
    return;
  }
  if (s.targets.empty() && run_directive(s)) return;
  const std::optional<Operation> op = node_of(*s.value, s.targets.empty() ? "" : full(0));
  const bool fits = op && s.targets.size() <= static_cast<size_t>(std::max(op->num_outputs(), 1));
  if (op && !fits)
    error(s.targets[static_cast<size_t>(op->num_outputs())].place, ErrorCode::kInvalidArgument,
          fmt::format("{} has {} here, there are {} names", op->node().spec->name, outputs_str(op->num_outputs()),
                      s.targets.size()));
  for (size_t i = 0; i < s.targets.size(); ++i) {
    if (!fits)
      failed_.insert(full(i));
    else if (i > 0)
      make(*s.value, "identity", {OperandArg(op->output(static_cast<int>(i)), {})}, {}, full(i));
  }
}

void GraphReader::run_block(const Statement& s) {
  const Expr& call = *s.value;
  if (call.text == "name_scope") {
    const std::string name = scope_name(call);
    if (name.empty()) {
      error(call.place, ErrorCode::kInvalidArgument, "name_scope needs one name in double quotes");
      return;
    }
    const std::string before = state_.scope_prefix;
    state_.scope_prefix += name + "/";
    run(s.block);
    state_.scope_prefix = before;
    return;
  }
  std::vector<const Node*> nodes;
  if (const std::optional<Arguments> args = bind(call, {"operations"}))
    if (const std::optional<std::vector<Operation>> ops = operations(args->find("operations"), "control_dependencies"))
      for (const Operation& op : *ops) nodes.push_back(&op.node());
  state_.control_scopes.push_back(std::move(nodes));
  run(s.block);
  state_.control_scopes.pop_back();
}

/// Statements that make no node.
bool GraphReader::run_directive(const Statement& s) {
  const Expr& e = *s.value;
  if (!e.is(Expr::Kind::kCall)) return false;
  if (e.text == "set_random_seed") {
    const std::optional<Arguments> args = bind(e, {"seed"});
    if (!args) return true;
    const Expr* seed = args->find("seed");
    if (seed && seed->is(Expr::Kind::kInt))
      graph_.set_random_seed(seed->integer);
    else
      error(seed ? seed->place : e.place, ErrorCode::kInvalidArgument, "set_random_seed needs an integer");
    return true;
  }
  if (e.text == "silence") {
    run_silence(e);
    return true;
  }
  if (e.text == "constants_file") {
    const std::optional<Arguments> args = bind(e, {"name", "digest"});
    if (!args) return true;
    const Expr *name = args->find("name"), *digest = args->find("digest");
    if (!name || !name->is(Expr::Kind::kString) || (digest && !digest->is(Expr::Kind::kString))) {
      error(e.place, ErrorCode::kInvalidArgument, "constants_file needs the name of a file in double quotes");
    } else if (load_) {
      Expected<NamedArrays> arrays = load_(name->text, digest ? digest->text : "");
      if (arrays) {
        loaded_ = std::move(*arrays);
        stored_ = &loaded_;
      } else {
        error(e.place, arrays.error());
      }
    }
    return true;
  }
  return false;
}

/// silence("DLC-L005") or silence("DLC-L005", "pairs"): names as the scope around sees them.
void GraphReader::run_silence(const Expr& e) {
  const std::optional<Arguments> args = bind(e, {"code", "where"});
  if (!args) return;
  const Expr *code = args->find("code"), *where = args->find("where");
  if (!code || !code->is(Expr::Kind::kString) || (where && !where->is(Expr::Kind::kString))) {
    error(e.place, ErrorCode::kInvalidArgument,
          "silence needs the code of a rule in double quotes, and perhaps the name of a node or scope");
    return;
  }
  try {
    silence(graph_, code->text, where ? state_.scope_prefix + where->text : "");
  } catch (const Exception& failure) {
    error(code->place, failure.error());
  }
}

/// What a further node of the graph must not meet again.
void GraphReader::finish() {
  int64_t least_seed = 0;
  for (const Node& n : state_.nodes) {
    if (const auto* seed = n.find_attr<int64_t>("seed"); seed && n.spec->seeded)
      least_seed = std::min(least_seed, *seed);
    for (size_t slash = n.name.find('/'); slash != std::string::npos; slash = n.name.find('/', slash + 1))
      state_.name_counts.emplace(n.name.substr(0, slash), 1);
  }
  if (least_seed > std::numeric_limits<int64_t>::min())
    state_.next_op_seed = std::min(state_.next_op_seed, least_seed - 1);
}

std::optional<Operation> GraphReader::node_of(const Expr& e, const std::string& name) {
  switch (e.kind) {
    case Expr::Kind::kCall: return call(e, name);
    case Expr::Kind::kInfix: return infix(e, name);
    case Expr::Kind::kIndex: return index(e, name);
    case Expr::Kind::kName: {
      const std::optional<Tensor> x = tensor(e, "a statement NAME = NAME");
      return x ? make(e, "identity", {OperandArg(*x, {})}, {}, name) : std::nullopt;
    }
    default: break;
  }
  const std::optional<Literal> value = literal(e, "a statement");
  if (!value) return std::nullopt;
  Expected<Array> array = value->to_array(value->natural_dtype());
  if (!array) return error(e.place, array.error());
  return make(e, "constant", {}, {{"value", std::move(*array)}}, name);
}

std::optional<Operation> GraphReader::call(const Expr& e, const std::string& name) {
  if (const auto it = functions().find(e.text); it != functions().end()) return (this->*it->second)(e, name);
  if (const OpSpec* spec = find_op_spec(e.text)) return call_op(*spec, e, name);
  std::vector<std::string> known;
  for (const OpSpec& s : all_op_specs()) known.push_back(s.name);
  for (const auto& [f, unused] : functions()) known.push_back(f);
  for (const char* s : {"set_random_seed", "constants_file", "name_scope", "control_dependencies"}) {
    if (e.text == s)
      return error(e.place, ErrorCode::kInvalidArgument, fmt::format("{} is a statement and has no value", s));
  }
  return error(e.place, ErrorCode::kNotFound,
               fmt::format("there is no operator '{}'{}", e.text.substr(0, 100), did_you_mean(e.text, known)));
}

namespace {

/// range(5) and range(0, 2, 0.5), as in C++: one number alone is the limit, and a number with a fraction
/// or an exponent makes f32 where no dtype is given.
void complete_range(const Expr& e, std::map<std::string, const Expr*, std::less<>>& args, ir::AttrMap& attrs) {
  if (!e.args.empty() && e.args[0].keyword.empty() && !args.contains("limit")) {
    args["limit"] = args.at("start");
    args.erase("start");
    attrs["start"] = 0.0;
  }
  const auto fractional = [&](const char* arg) {
    const auto it = args.find(arg);
    return it != args.end() && it->second->is(Expr::Kind::kFloat);
  };
  if (!args.contains("dtype") && (fractional("start") || fractional("limit") || fractional("delta")))
    attrs["dtype"] = kFloat32;
}

}  // namespace

std::optional<Operation> GraphReader::call_op(const OpSpec& spec, const Expr& e, const std::string& name) {
  std::vector<std::string> params;
  for (const OperandSpec& o : spec.operands) params.push_back(o.name);
  for (const AttrSpec& a : spec.attrs) params.push_back(a.name);
  params.emplace_back("control_inputs");
  std::optional<Arguments> args = bind(e, params, &spec);
  if (!args) return std::nullopt;
  bool ok = true;
  ir::AttrMap attrs;
  if (spec.name == "range") complete_range(e, args->by_name, attrs);
  std::vector<OperandArg> operands;
  for (const OperandSpec& o : spec.operands) {
    const Expr* value = args->find(o.name);
    std::optional<OperandArg> arg = value ? operand(*value, o) : OperandArg(std::vector<TensorArg>{});
    ok &= arg.has_value();
    if (arg) operands.push_back(std::move(*arg));
  }
  std::optional<ir::TensorType> pair;
  if (args->paired_type) {
    pair = type(*args->paired_type);
    ok &= pair.has_value();
  }
  for (const AttrSpec& a : spec.attrs) {
    const Expr* value = args->find(a.name);
    if (!value) continue;
    std::optional<ir::Attr> attr;
    if (value == args->paired_type) {
      if (pair) attr = a.name == "dims" ? ir::Attr(pair->dims) : ir::Attr(pair->dtype);
    } else {
      attr = attribute(*value, a);
    }
    ok &= attr.has_value();
    if (attr) attrs.emplace(a.name, std::move(*attr));
  }
  const std::optional<std::vector<Operation>> control = operations(args->find("control_inputs"), "control_inputs");
  if (!ok || !control) return std::nullopt;
  return make(e, spec.name, operands, std::move(attrs), name, *control);
}

std::optional<Operation> GraphReader::infix(const Expr& e, const std::string& name) {
  const bool unary = e.args.size() == 1;
  const OpSpec& spec = *find_op_spec(infix_op(e.text, unary));
  std::vector<OperandArg> operands;
  for (size_t i = 0; i < e.args.size(); ++i)
    if (std::optional<OperandArg> arg = operand(*e.args[i].value, spec.operands[i]))
      operands.push_back(std::move(*arg));
  if (operands.size() != e.args.size()) return std::nullopt;
  return make(e, spec.name, operands, {}, name);
}

std::optional<Operation> GraphReader::index(const Expr& e, const std::string& name) {
  const Expr& i = *e.args[1].value;
  if (!i.is(Expr::Kind::kInt))
    return error(i.place, ErrorCode::kInvalidArgument,
                 fmt::format("an index needs an integer, got {}; gather(x, indices) takes tensors", i.describe()));
  const std::optional<OperandArg> x = operand(*e.args[0].value, find_op_spec("index")->operands[0]);
  return x ? make(e, "index", {*x}, {{"index", i.integer}}, name) : std::nullopt;
}

std::string GraphReader::take_name(const std::string& name, std::string_view op) {
  return name.empty() ? state_.unique_name(state_.scope_prefix + std::string(op)) : name;
}

std::optional<Operation> GraphReader::make(const Expr& e, std::string_view op, const std::vector<OperandArg>& operands,
                                           ir::AttrMap attrs, const std::string& name,
                                           const std::vector<Operation>& control) {
  const size_t first = graph_.num_nodes();
  const Expected<Operation> made =
      try_make_node_named(graph_, op, operands, std::move(attrs), take_name(name, op), loc(e.place), control);
  if (!made) return error(e.place, made.error());
  locate(first, e.place);
  return *made;
}

void GraphReader::locate(size_t first, Place place) {
  for (size_t i = first; i < state_.nodes.size(); ++i)
    if (!state_.nodes[i].loc.known()) state_.nodes[i].loc = loc(place);
}

std::optional<Operation> GraphReader::find_node(const Expr& e) {
  // From the scope outwards.
  std::string prefix = state_.scope_prefix;
  while (true) {
    const std::string name = prefix + e.text;
    if (Operation op = graph_.find_operation(name)) return op;
    if (failed_.contains(name)) return std::nullopt;
    if (prefix.empty()) break;
    const size_t slash = prefix.rfind('/', prefix.size() - 2);
    prefix.resize(slash == std::string::npos ? 0 : slash + 1);
  }
  const auto later = declared_.find(state_.scope_prefix + e.text);
  if (later != declared_.end() || declared_.contains(e.text))
    return error(e.place, ErrorCode::kNotFound,
                 fmt::format("'{}' is used before its definition in line {}", e.text,
                             (later != declared_.end() ? later : declared_.find(e.text))->second.line));
  std::vector<std::string> known;
  constexpr size_t kMost = 1000;  // an error is not worth more
  for (const auto& [name, place] : declared_)
    if (known.size() < kMost) known.push_back(name);
  return error(e.place, ErrorCode::kNotFound,
               fmt::format("there is no node '{}'{}", e.text.substr(0, 100), did_you_mean(e.text, known)));
}

}  // namespace dlc::graph_text
