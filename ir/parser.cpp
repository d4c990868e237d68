#include "ir/parser.h"

#include <unordered_map>

#include "ir/builder.h"
#include "ir/op_def.h"
#include "ir/text_scanner.h"

namespace dlc::ir {
namespace {

/// Regions in regions in regions: no real function comes near, and each level costs stack.
constexpr int kMaxRegionDepth = 16;
/// Function::require compares with all earlier ones.
constexpr size_t kMaxRequirements = 2000;

/// A name as the scanner returns it, with the place of its sigil.
struct Name {
  std::string key;
  size_t at = 0;
  std::string text() const { return key.substr(1); }
};

/// An op as written, before anything of it is looked up.
struct OpSyntax {
  std::vector<Name> results;
  Name op;
  std::vector<Name> operands;
  AttrMap attrs;
  std::vector<TensorType> types;
  size_t types_at = 0;
  Provenance provenance;
  std::vector<std::unique_ptr<Function>> regions;
  size_t errors_before = 0;  ///< reported before this op's text began
};

class Parser {
 public:
  Parser(std::string_view text, const std::string& file, Diagnostics& diagnostics, const ParseOptions& options)
      : in_(text, file, diagnostics), diagnostics_(diagnostics), options_(options) {}

  bool failed() const { return in_.errors() > 0; }

  Module module() {
    Module module;
    while (!in_.at_end() && !diagnostics_.full()) {
      const size_t begin = in_.position();
      std::unique_ptr<Function> f = function(0);
      if (!f) {
        in_.skip_to_function();
        continue;
      }
      if (module.find(f->name()) != nullptr)
        in_.fail(begin, ErrorCode::kAlreadyExists, fmt::format("there is a function @{} already", f->name()));
      else
        module.add(std::move(f));
    }
    return module;
  }

 private:
  /// What a function's text has defined so far. A name whose definition failed maps to no value:
  /// its uses are not reported again.
  struct Scope {
    Function& function;
    Builder builder;
    std::unordered_map<std::string, Value> values;
    /// Owns stand-ins, of the written type, for results of ops that failed.
    Function stand_ins{"stand-ins"};
  };

  std::unique_ptr<Function> function(int depth) {
    if (!in_.expect("func", "to begin a function")) return nullptr;
    const std::optional<std::string> key = in_.name('@', "the function's name, '@name'");
    if (!key) return nullptr;
    if (depth > kMaxRegionDepth) {
      in_.fail(in_.position(), ErrorCode::kResourceExhausted,
               fmt::format("more than {} functions inside each other", kMaxRegionDepth));
      return nullptr;
    }
    auto f = std::make_unique<Function>(key->substr(1));
    Scope scope{*f, Builder(*f), {}};
    std::vector<TensorType> result_types;
    std::vector<ResultInfo> result_infos;
    if (!params(scope) || !results(result_types, result_infos)) return nullptr;
    if (!in_.expect("{", "before the function's body")) return nullptr;
    while (!in_.eat("}")) {
      if (diagnostics_.full()) return nullptr;
      if (in_.at_end()) {
        in_.expected("'}' after the function's body");
        return nullptr;
      }
      if (f->has_results()) {
        in_.expected("'}': 'return' ends a function");
        return nullptr;
      }
      const size_t begin = in_.position();
      if (!statement(scope, result_types, result_infos, depth)) in_.skip_statement(begin);
    }
    if (!f->has_results()) {
      in_.fail(in_.position() - 1, ErrorCode::kParse, fmt::format("function @{} has no 'return'", f->name()));
      return nullptr;
    }
    return f;
  }

  bool params(Scope& scope) {
    if (!in_.expect("(", "before the parameters")) return false;
    while (!in_.eat(")")) {
      if (scope.function.num_params() > 0 && !in_.expect(",", "or ')' after a parameter")) return false;
      const size_t begin = in_.position();
      const std::optional<std::string> key = in_.name('%', "a parameter, '%name: type'");
      if (!key || !in_.expect(":", "after a parameter's name")) return false;
      std::optional<TensorType> type = in_.type();
      if (!type) return false;
      ParamInfo info{ParamKind::kFeed, key->substr(1)};
      if (key->front() == '#') {
        in_.fail(begin, ErrorCode::kParse, "a parameter has a name, not a number");
        return false;
      }
      if (in_.eat("variable")) {
        std::optional<std::string> name = in_.string_literal();
        if (!name) return false;
        info = {ParamKind::kVariable, std::move(*name)};
      } else if (in_.eat("rng_state")) {
        info.kind = ParamKind::kRngState;
      }
      std::optional<Provenance> p = provenance(begin);
      if (!p) return false;
      define(scope, {*key, begin}, scope.function.add_param(std::move(*type), std::move(info), std::move(*p)));
    }
    return true;
  }

  bool results(std::vector<TensorType>& types, std::vector<ResultInfo>& infos) {
    if (!in_.expect("->", "and the types of the results") || !in_.expect("(", "before the types of the results"))
      return false;
    while (!in_.eat(")")) {
      if (!types.empty() && !in_.expect(",", "or ')' after a result")) return false;
      std::optional<TensorType> type = in_.type();
      if (!type) return false;
      ResultInfo info;
      const bool update = in_.eat("update");
      if (update || in_.eat("fetch")) {
        std::optional<std::string> name = in_.string_literal();
        if (!name) return false;
        info = {update ? ResultKind::kUpdate : ResultKind::kFetch, std::move(*name)};
      }
      types.push_back(std::move(*type));
      infos.push_back(std::move(info));
    }
    return true;
  }

  /// loc(...) if written; else, if asked for, the place in the text.
  std::optional<Provenance> provenance(size_t begin) {
    std::optional<Provenance> p = in_.location();
    if (p && options_.locate_in_text && !p->loc().known()) p = Provenance(p->node(), in_.loc_at(begin));
    return p;
  }

  void define(Scope& scope, const Name& name, Value value) {
    if (!scope.values.emplace(name.key, value).second)
      in_.fail(name.at, ErrorCode::kAlreadyExists, fmt::format("%{} is defined already", name.text()));
  }

  /// True when the cursor stands behind the statement, whether it was sound or not.
  bool statement(Scope& scope, const std::vector<TensorType>& result_types, std::vector<ResultInfo>& infos, int depth) {
    if (in_.eat("require")) return require(scope);
    const size_t begin = in_.position();
    if (in_.eat("return")) return return_line(scope, begin, result_types, infos);
    OpSyntax op;
    op.errors_before = in_.errors();
    if (!op_syntax(op, depth)) {
      for (const Name& name : op.results) define(scope, name, {});
      return false;
    }
    make(scope, std::move(op));
    return true;
  }

  bool require(Scope& scope) {
    const size_t begin = in_.position();
    const std::optional<Dim> a = dim_until("==");
    if (!a) return false;
    const std::optional<Dim> b = dim_until("");
    if (!b) return false;
    const std::optional<Provenance> p = in_.location();
    if (!p) return false;
    if (scope.function.requirements().size() >= kMaxRequirements) {
      in_.fail(begin, ErrorCode::kResourceExhausted, fmt::format("more than {} requirements", kMaxRequirements));
      return false;
    }
    if (Expected<void> ok = scope.function.require(*a, *b, *p); !ok) in_.report(begin, std::move(ok).error());
    return true;
  }

  /// A dimension that ends before `terminator`, which is taken, or before "loc" or the line's end.
  std::optional<Dim> dim_until(std::string_view terminator) {
    const size_t begin = in_.position();
    const std::string_view text = in_.line_until(terminator.empty() ? " loc(" : terminator);
    Expected<Dim> dim = parse_dim(text);
    if (!dim) return in_.fail(begin, ErrorCode::kParse, dim.error().message);
    if (!terminator.empty() && !in_.expect(terminator, "between two dimensions")) return std::nullopt;
    return std::move(*dim);
  }

  bool return_line(Scope& scope, size_t begin, const std::vector<TensorType>& types, std::vector<ResultInfo>& infos) {
    std::vector<Name> names;
    while (in_.peek() == '%' || (!names.empty() && in_.eat(","))) {
      const size_t at = in_.position();
      const std::optional<std::string> key = in_.name('%', "a value");
      if (!key) return false;
      names.push_back({*key, at});
      if (in_.peek() != ',') break;
    }
    std::vector<Value> values;
    for (size_t i = 0; i < names.size(); ++i) {
      const std::optional<Value> v = look_up(scope, names[i]);
      if (!v || !*v) continue;
      if (i < types.size() && v->type() != types[i])
        in_.fail(names[i].at, ErrorCode::kInvalidType,
                 fmt::format("result {} is {} in the function's head, but %{} is {}", i, types[i], names[i].text(),
                             v->type()));
      values.push_back(*v);
    }
    if (names.size() != types.size())
      in_.fail(begin, ErrorCode::kParse,
               fmt::format("the function's head has {} results, 'return' has {}", types.size(), names.size()));
    // With errors reported the function is thrown away; until then it needs an end.
    infos.resize(values.size());
    scope.function.set_results(values, std::move(infos));
    return true;
  }

  /// nullopt: unknown, and reported. A null Value: its definition failed, which has been reported.
  std::optional<Value> look_up(const Scope& scope, const Name& name) {
    const auto it = scope.values.find(name.key);
    if (it != scope.values.end()) return it->second;
    return in_.fail(name.at, ErrorCode::kNotFound,
                    fmt::format("no value %{} is defined before this place", name.text()));
  }

  bool op_syntax(OpSyntax& op, int depth) {
    while (in_.peek() == '%') {
      const size_t at = in_.position();
      const std::optional<std::string> key = in_.name('%', "a result");
      if (!key) return false;
      op.results.push_back({*key, at});
      if (!in_.eat(",")) break;
    }
    if (!op.results.empty() && !in_.expect("=", "after the results of an op")) return false;
    op.op.at = in_.position();
    const std::optional<std::string> name = in_.word("a statement: 'require', 'return' or an op");
    if (!name || !in_.expect("(", "before the operands")) return false;
    op.op.key = *name;
    while (!in_.eat(")")) {
      if (!op.operands.empty() && !in_.expect(",", "or ')' after an operand")) return false;
      const size_t at = in_.position();
      const std::optional<std::string> key = in_.name('%', "an operand, '%name'");
      if (!key) return false;
      op.operands.push_back({*key, at});
    }
    return attributes(op) && op_types(op) && regions(op, depth);
  }

  bool attributes(OpSyntax& op) {
    if (!in_.eat("{")) return true;
    while (!in_.eat("}")) {
      if (!op.attrs.empty() && !in_.expect(",", "or '}' after an attribute")) return false;
      const size_t at = in_.position();
      const std::optional<std::string> name = in_.word("an attribute, 'name = value'");
      if (!name || !in_.expect("=", "after an attribute's name")) return false;
      std::optional<Attr> value = in_.attribute();
      if (!value) return false;
      if (!op.attrs.emplace(*name, std::move(*value)).second) {
        in_.fail(at, ErrorCode::kAlreadyExists, fmt::format("attribute '{}' is given twice", *name));
        return false;
      }
    }
    return true;
  }

  bool op_types(OpSyntax& op) {
    op.types_at = in_.position();
    if (!op.results.empty()) {
      if (!in_.expect(":", "and the types of the results")) return false;
      op.types_at = in_.position();
      do {
        std::optional<TensorType> type = in_.type();
        if (!type) return false;
        op.types.push_back(std::move(*type));
      } while (in_.eat(","));
    }
    std::optional<Provenance> p = provenance(op.op.at);
    if (!p) return false;
    op.provenance = std::move(*p);
    return true;
  }

  bool regions(OpSyntax& op, int depth) {
    if (!in_.eat("{")) return true;
    while (!in_.eat("}")) {
      std::unique_ptr<Function> f = function(depth + 1);
      if (!f) return false;
      op.regions.push_back(std::move(f));
    }
    return true;
  }

  void make(Scope& scope, OpSyntax op) {
    if (op.types.size() != op.results.size())
      in_.fail(op.types_at, ErrorCode::kParse,
               fmt::format("{} results, but {} types", op.results.size(), op.types.size()));
    const std::optional<OpKind> kind = find_op(op.op.key);
    if (!kind) in_.fail(op.op.at, ErrorCode::kNotFound, fmt::format("there is no op '{}'", op.op.key));
    std::vector<Value> operands;
    bool known = true;
    for (const Name& name : op.operands) {
      const std::optional<Value> v = look_up(scope, name);
      known = known && v && *v;
      if (known) operands.push_back(*v);
    }
    if (kind && op_def(*kind).num_regions != static_cast<int>(op.regions.size()))
      in_.fail(op.op.at, ErrorCode::kParse,
               fmt::format("{} has {} regions, found {}", op.op.key, op_def(*kind).num_regions, op.regions.size()));
    Op* made = nullptr;
    // An error inside a region counts too: its body may refer to stand-ins that are gone.
    if (kind && known && in_.errors() == op.errors_before) {
      scope.builder.set_provenance(op.provenance);
      Expected<Op*> created = scope.builder.try_create(*kind, operands, std::move(op.attrs), std::move(op.regions));
      if (created)
        made = *created;
      else
        in_.report(op.op.at, std::move(created).error());
    }
    if (made != nullptr && !types_agree(*made, op)) made = nullptr;
    for (size_t i = 0; i < op.results.size(); ++i) {
      Value v;
      if (made != nullptr)
        v = made->result(static_cast<int>(i));
      else if (i < op.types.size())
        v = scope.stand_ins.add_param(op.types[i], {});
      define(scope, op.results[i], v);
    }
  }

  bool types_agree(const Op& made, const OpSyntax& op) {
    if (made.num_results() != static_cast<int>(op.results.size())) {
      in_.fail(op.op.at, ErrorCode::kParse,
               fmt::format("{} has {} results, found {}", op.op.key, made.num_results(), op.results.size()));
      return false;
    }
    for (int i = 0; i < made.num_results(); ++i) {
      if (made.type(i) == op.types[static_cast<size_t>(i)]) continue;
      in_.fail(op.types_at, ErrorCode::kInvalidType,
               fmt::format("result {} of {} is {}, but {} is written", i, op.op.key, made.type(i),
                           op.types[static_cast<size_t>(i)]));
      return false;
    }
    return true;
  }

  TextScanner in_;
  Diagnostics& diagnostics_;
  ParseOptions options_;
};

}  // namespace

std::optional<Module> parse_module(std::string_view text, const std::string& file, Diagnostics& diagnostics,
                                   const ParseOptions& options) {
  Parser parser(text, file, diagnostics, options);
  Module module = parser.module();
  if (parser.failed()) return std::nullopt;
  return module;
}

Expected<Module> parse_module(std::string_view text, const std::string& file, const ParseOptions& options) {
  Diagnostics diagnostics(file, text);
  std::optional<Module> module = parse_module(text, file, diagnostics, options);
  if (!module) return diagnostics.to_error();
  return std::move(*module);
}

Expected<std::unique_ptr<Function>> parse_function(std::string_view text, const std::string& file,
                                                   const ParseOptions& options) {
  DLC_ASSIGN_OR_RETURN(Module module, parse_module(text, file, options));
  if (module.functions().size() != 1)
    return make_error(ErrorCode::kParse, "expected one function, found {}", module.functions().size())
        .at(SourceLoc(file, 1));
  return module.release();
}

}  // namespace dlc::ir
