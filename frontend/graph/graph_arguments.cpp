// Graph files: arguments of calls as operands, attributes and types.
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>

#include "frontend/graph/graph_reader.h"
#include "support/suggest.h"

namespace dlc::graph_text {

namespace {

/// "f(a, b, c)", for messages.
std::string signature(const std::string& function, const std::vector<std::string>& params, const OpSpec* spec) {
  return spec ? spec->signature() : fmt::format("{}({})", function, fmt::join(params, ", "));
}

/// What the parser's places are for TensorArg, which knows places in C++ only: nodes get theirs afterwards.
constexpr std::source_location kNoPlace{};

}  // namespace

std::optional<GraphReader::Arguments> GraphReader::bind(const Expr& call, const std::vector<std::string>& params,
                                                        const OpSpec* spec) {
  Arguments out;
  bool ok = true;
  size_t next = 0;
  const bool pairs = spec && spec->find_attr("dims") && spec->find_attr("dtype");
  for (const Arg& arg : call.args) {
    std::string param = arg.keyword;
    if (param.empty()) {
      while (next < params.size() && out.by_name.contains(params[next])) ++next;
      if (next == params.size() || params[next] == "control_inputs") {
        error(arg.value->place, ErrorCode::kInvalidArgument,
              fmt::format("too many arguments; the operator is {}", signature(call.text, params, spec)));
        return std::nullopt;
      }
      param = params[next];
      // reshape(x, [n, 4]): its optional operand is a tensor, a list is the attribute.
      const int o = spec ? spec->operand_index(param) : -1;
      if (o >= 0 && spec->operands[static_cast<size_t>(o)].optional && arg.value->is(Expr::Kind::kList) &&
          spec->find_attr("dims"))
        param = "dims";
    } else if (std::find(params.begin(), params.end(), param) == params.end()) {
      error(arg.place, ErrorCode::kInvalidArgument,
            param == "name"
                ? fmt::format("{}: the name of a node stands in front: NAME = {}(...)", call.text, call.text)
                : fmt::format("{}: there is no argument '{}'{}; the operator is {}", call.text, param,
                              did_you_mean(param, params), signature(call.text, params, spec)));
      ok = false;
      continue;
    }
    // f32[784, 10] says both.
    const bool paired =
        pairs && arg.value->is(Expr::Kind::kType) && arg.value->has_dims && (param == "dims" || param == "dtype");
    if (paired) out.paired_type = arg.value.get();
    for (const char* p : {"dims", "dtype"}) {
      if (!paired && p != std::string_view("dims")) continue;
      if (!out.by_name.emplace(paired ? p : param, arg.value.get()).second) {
        error(arg.value->place, ErrorCode::kInvalidArgument,
              fmt::format("{}: argument '{}' is given twice", call.text, paired ? p : param));
        ok = false;
      }
    }
  }
  return ok ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<OperandArg> GraphReader::operand(const Expr& e, const OperandSpec& spec) {
  const std::string what = fmt::format("operand '{}'", spec.name);
  if (!spec.variadic || !e.is(Expr::Kind::kList)) {
    const std::optional<TensorArg> arg = tensor_arg(e, what);
    return arg ? std::optional(OperandArg(*arg)) : std::nullopt;
  }
  std::vector<TensorArg> list;
  bool ok = true;
  for (const Arg& item : e.args) {
    const std::optional<TensorArg> arg = tensor_arg(*item.value, what);
    ok &= arg.has_value();
    if (arg) list.push_back(*arg);
  }
  return ok ? std::optional(OperandArg(std::move(list))) : std::nullopt;
}

std::optional<TensorArg> GraphReader::tensor_arg(const Expr& e, const std::string& what) {
  switch (e.kind) {
    case Expr::Kind::kInt:
    case Expr::Kind::kFloat:
    case Expr::Kind::kBool:
    case Expr::Kind::kList: {
      const std::optional<Literal> value = literal(e, what);
      return value ? std::optional(TensorArg(*value, kNoPlace)) : std::nullopt;
    }
    default: break;
  }
  const std::optional<Tensor> t = tensor(e, what);
  return t ? std::optional(TensorArg(*t, kNoPlace)) : std::nullopt;
}

std::optional<Tensor> GraphReader::tensor(const Expr& e, const std::string& what) {
  std::optional<Operation> op;
  switch (e.kind) {
    case Expr::Kind::kName: op = find_node(e); break;
    case Expr::Kind::kCall:
    case Expr::Kind::kInfix:
    case Expr::Kind::kIndex: op = node_of(e, ""); break;
    default:
      return error(e.place, ErrorCode::kInvalidArgument, fmt::format("{} needs a tensor, got {}", what, e.describe()));
  }
  if (!op) return std::nullopt;
  const int64_t output = e.is(Expr::Kind::kName) ? e.integer : 0;
  if (output < op->num_outputs()) return op->output(static_cast<int>(output));
  if (op->num_outputs() == 0)
    return error(e.place, ErrorCode::kInvalidArgument,
                 fmt::format("{} needs a tensor; {} '{}' has no value", what, op->node().spec->name, op->name()));
  return error(e.place, ErrorCode::kOutOfRange,
               fmt::format("{} '{}' has {}, there is no '{}:{}'", op->node().spec->name, op->name(),
                           outputs_str(op->num_outputs()), op->name(), output));
}

std::optional<std::vector<Tensor>> GraphReader::tensors(const Expr* e, const std::string& what) {
  std::vector<Tensor> out;
  if (!e) return out;
  bool ok = true;
  const auto add = [&](const Expr& item) {
    const std::optional<Tensor> t = tensor(item, what);
    ok &= t.has_value();
    if (t) out.push_back(*t);
  };
  if (e->is(Expr::Kind::kList))
    for (const Arg& item : e->args) add(*item.value);
  else
    add(*e);
  return ok ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::vector<Operation>> GraphReader::operations(const Expr* e, const std::string& what) {
  std::vector<Operation> out;
  if (!e) return out;
  bool ok = true;
  const auto add = [&](const Expr& item) {
    std::optional<Operation> op;
    if (item.is(Expr::Kind::kName))
      op = find_node(item);
    else if (item.is(Expr::Kind::kCall) || item.is(Expr::Kind::kInfix) || item.is(Expr::Kind::kIndex))
      op = node_of(item, "");
    else
      error(item.place, ErrorCode::kInvalidArgument,
            fmt::format("{} needs a list of operations, got {}", what, item.describe()));
    ok &= op.has_value();
    if (op) out.push_back(*op);
  };
  if (e->is(Expr::Kind::kList))
    for (const Arg& item : e->args) add(*item.value);
  else
    add(*e);
  return ok ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<Literal> GraphReader::literal(const Expr& e, const std::string& what, size_t depth) {
  switch (e.kind) {
    case Expr::Kind::kBool: return Literal(e.integer != 0);
    case Expr::Kind::kFloat: return Literal(e.number);
    case Expr::Kind::kInt: {
      const bool narrow =
          e.integer >= std::numeric_limits<int32_t>::min() && e.integer <= std::numeric_limits<int32_t>::max();
      return narrow ? Literal(static_cast<int32_t>(e.integer)) : Literal(e.integer);
    }
    case Expr::Kind::kList: break;
    default:
      return error(e.place, ErrorCode::kInvalidArgument,
                   depth == 0
                       ? fmt::format("{} needs a tensor or numbers, got {}", what, e.describe())
                       : fmt::format("{}: lists have numbers in them here, got {}; stack([...]) makes one tensor of "
                                     "several",
                                     what, e.describe()));
  }
  if (depth == kMaxRank)
    return error(e.place, ErrorCode::kResourceExhausted, fmt::format("lists are nested more than {} deep", kMaxRank));
  std::vector<Literal> items;
  items.reserve(e.args.size());
  for (const Arg& item : e.args) {
    // Rectangular: before memory for all is asked for, and with the place of the odd one.
    const Expr &first = *e.args[0].value, &value = *item.value;
    const bool list = value.is(Expr::Kind::kList);
    if (list != first.is(Expr::Kind::kList) || (list && value.args.size() != first.args.size()))
      return error(
          value.place, ErrorCode::kInvalidShape,
          fmt::format("the lists of numbers are not rectangular: {} after {}",
                      list ? fmt::format("a list of {}", value.args.size()) : value.describe(),
                      first.is(Expr::Kind::kList) ? fmt::format("a list of {}", first.args.size()) : first.describe()));
    std::optional<Literal> l = literal(value, what, depth + 1);
    if (!l) return std::nullopt;
    items.push_back(std::move(*l));
  }
  Literal all(std::move(items));
  return all;
}

std::optional<ir::Attr> GraphReader::attribute(const Expr& e, const AttrSpec& spec) {
  using Kind = Expr::Kind;
  const auto wrong = [&](std::string_view needs) {
    return error(e.place, ErrorCode::kInvalidType,
                 fmt::format("attribute '{}' needs {}, got {}", spec.name, needs, e.describe()));
  };
  switch (spec.value.index()) {
    case 0: return e.is(Kind::kBool) ? std::optional<ir::Attr>(e.integer != 0) : wrong("true or false");
    case 1: return e.is(Kind::kInt) ? std::optional<ir::Attr>(e.integer) : wrong("an integer");
    case 2:
      if (e.is(Kind::kInt) && !exact_in_f64(e.integer))
        return error(e.place, ErrorCode::kInvalidArgument,
                     fmt::format("attribute '{}' is an f64, which has no {}: beyond 2^53 not every integer is one; "
                                 "constant([...], i64) has them all",
                                 spec.name, e.integer));
      if (e.is(Kind::kInt)) return static_cast<double>(e.integer);
      return e.is(Kind::kFloat) ? std::optional<ir::Attr>(e.number) : wrong("a number");
    case 3: return e.is(Kind::kString) ? std::optional<ir::Attr>(e.text) : wrong("a string");
    case 4:
      return e.is(Kind::kType) && !e.has_dims ? std::optional<ir::Attr>(e.dtype) : wrong("an element type such as f32");
    case 5: {
      if (e.is(Kind::kInt)) return ir::Ints{e.integer};
      if (!e.is(Kind::kList)) return wrong("a list of integers");
      ir::Ints ints;
      for (const Arg& item : e.args) {
        if (!item.value->is(Kind::kInt)) return wrong("a list of integers");
        ints.push_back(item.value->integer);
      }
      return ints;
    }
    case 6: {
      if (!e.is(Kind::kList)) return wrong("a list of dimensions such as [n, 784]");
      std::optional<ir::Dims> d = dims(e);
      return d ? std::optional<ir::Attr>(std::move(*d)) : std::nullopt;
    }
    default: break;
  }
  const std::optional<Literal> value = literal(e, fmt::format("attribute '{}'", spec.name));
  if (!value) return std::nullopt;
  Expected<Array> array = value->to_array(value->natural_dtype());
  if (!array) return error(e.place, array.error());
  return std::move(*array);
}

std::optional<ir::Dims> GraphReader::dims(const Expr& e) {
  ir::Dims out;
  if (e.args.size() > kMaxRank)
    return error(e.place, ErrorCode::kResourceExhausted, fmt::format("more than {} dimensions", kMaxRank));
  for (const Arg& item : e.args) {
    const Expr& d = *item.value;
    if (d.is(Expr::Kind::kInt)) {
      out.emplace_back(d.integer);
      continue;
    }
    if (!d.is(Expr::Kind::kUnknown) && d.source.empty())
      return error(d.place, ErrorCode::kInvalidArgument, fmt::format("{} is no dimension", d.describe()));
    std::optional<ir::Dim> read = dim(d.is(Expr::Kind::kUnknown) ? "?" : d.source, d.place);
    if (!read) return std::nullopt;
    out.push_back(std::move(*read));
  }
  return out;
}

std::optional<ir::Dim> GraphReader::dim(const std::string& text, Place place) {
  if (text == "?") return ir::Dim::symbol(graph_.fresh_symbol());
  Expected<ir::Dim> d = ir::parse_dim(text);
  if (!d) return error(place, d.error());
  // Symbols that came from a '?' keep their numbers, and later ones get others.
  std::set<std::string> symbols;
  d->collect_symbols(symbols);
  for (const std::string& s : symbols)
    if (const std::optional<int64_t> number = fresh_symbol_number(s))
      state_.next_symbol = std::max(state_.next_symbol, *number + 1);
  return std::move(*d);
}

std::optional<ir::TensorType> GraphReader::type(const Expr& e) {
  ir::TensorType out{e.dtype, {}};
  Shape numbers;
  for (const std::string& text : e.dims) {
    std::optional<ir::Dim> d = dim(text, e.place);
    if (!d) return std::nullopt;
    if (d->is_constant()) numbers.push_back(d->constant());
    out.dims.push_back(std::move(*d));
  }
  // A stated size is a promise of memory: sizes that no machine has end here.
  if (const Expected<int64_t> count = checked_num_elements(numbers, e.dtype); !count)
    return error(e.place, count.error());
  return out;
}

}  // namespace dlc::graph_text
