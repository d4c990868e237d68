// Graph to text: one statement a node, in the order of the graph. Constants that a literal operand has
// made are printed as that literal again.
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "frontend/graph/graph_file.h"
#include "frontend/graph/graph_state.h"
#include "frontend/graph/graph_text.h"
#include "frontend/train/gradients.h"
#include "support/quote.h"

namespace dlc {

namespace {

using graph_text::name_text;

/// As the parser makes it of the text: a double, then rounded.
template <typename T>
T read_back(const std::string& text) {
  double d = 0;
  std::from_chars(text.data(), text.data() + text.size(), d);
  return static_cast<T>(d);
}

/// nullopt for a NaN of other bits than the parser's.
template <typename T>
std::optional<std::string> float_text(T x) {
  if (std::isnan(x)) {
    const T plain = std::numeric_limits<T>::quiet_NaN();
    return std::memcmp(&x, &plain, sizeof x) == 0 ? std::optional<std::string>("nan") : std::nullopt;
  }
  if (std::isinf(x)) return x < 0 ? "-inf" : "inf";
  std::string s = fmt::format("{}", x);
  // The shortest text of an f32, read as f64, might round to its neighbour.
  if (read_back<T>(s) != x) s = fmt::format("{}", static_cast<double>(x));
  if (s.find_first_of(".e") == std::string::npos) s += ".0";
  return s;
}

template <typename T>
std::optional<std::string> element_text(T x) {
  if constexpr (std::is_same_v<T, bool>) {
    return x ? "true" : "false";
  } else if constexpr (std::is_floating_point_v<T>) {
    return float_text(x);
  } else {
    // The parser knows integers of i64.
    if constexpr (std::is_same_v<T, uint64_t>)
      if (x > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return std::nullopt;
    return fmt::format("{}", static_cast<int64_t>(x));
  }
}

/// Numbers in nested lists; nullopt where those cannot say the array exactly.
std::optional<std::string> literal_text(const Array& a) {
  if (a.num_elements() > kMaxPrintedElements || (a.num_elements() == 0 && a.rank() != 1)) return std::nullopt;
  std::vector<std::string> elements;
  for (int64_t i = 0; i < a.num_elements(); ++i) {
    std::optional<std::string> text =
        dispatch(a.dtype(), [&]<typename T>() { return element_text<T>(a.data<T>()[static_cast<size_t>(i)]); });
    if (!text) return std::nullopt;
    elements.push_back(std::move(*text));
  }
  for (size_t axis = a.shape().size(); axis-- > 0;) {
    const auto size = static_cast<size_t>(a.shape()[axis]);
    std::vector<std::string> rows;
    for (size_t i = 0; i < elements.size(); i += size)
      rows.push_back(fmt::format("[{}]", fmt::join(std::span(elements).subspan(i, size), ", ")));
    if (elements.empty()) rows.emplace_back("[]");
    elements = std::move(rows);
  }
  return elements.front();
}

/// The type that the parser gives such numbers when nothing else decides.
DType natural_dtype(const Array& a) {
  if (a.dtype() == kBool || is_float(a.dtype()) || a.num_elements() == 0)
    return a.dtype() == kBool && a.num_elements() > 0 ? kBool : kFloat32;
  for (int64_t i = 0; i < a.num_elements(); ++i)
    if (std::abs(a.value_as_double(i)) > std::numeric_limits<int32_t>::max() &&
        a.value_as_double(i) != std::numeric_limits<int32_t>::min())
      return kInt64;
  return kInt32;
}

std::string hex_text(const Array& a) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * a.num_bytes());
  for (size_t i = 0; i < a.num_bytes(); ++i) {
    const auto byte = static_cast<unsigned>(a.bytes()[i]);
    out += kDigits[byte / 16];
    out += kDigits[byte % 16];
  }
  return out;
}

class Printer {
 public:
  Printer(const Graph& graph, NamedArrays* stored) : graph_(graph), stored_(stored) {}

  std::string run() {
    literals_.resize(graph_.num_nodes());
    for (size_t i = 0; i < graph_.num_nodes(); ++i) find_literals(graph_.node(i));
    if (graph_.state()->random_seed != 0) out_ += fmt::format("set_random_seed({})\n", graph_.state()->random_seed);
    for (const LintState::Silenced& s : graph_.state()->lint.silenced)
      out_ += s.where.empty() ? fmt::format("silence(\"{}\")\n", s.code)
                              : fmt::format("silence(\"{}\", \"{}\")\n", s.code, s.where);
    for (size_t i = 0; i < graph_.num_nodes(); ++i)
      if (!literals_[i]) out_ += fmt::format("{} = {}\n", name_text(graph_.node(i).name), node(graph_.node(i)));
    return std::move(out_);
  }

 private:
  /// Marks the constants directly before `n` that come back when their numbers stand in its place.
  void find_literals(const Node& n) {
    std::vector<size_t> found;  // flat indices of inputs
    size_t flat = 0;
    for (size_t o = 0; o < n.segments.size(); ++o) {
      const OperandSpec& operand = n.spec->operands[o];
      for (int k = 0; k < n.segments[o]; ++k, ++flat) {
        const Node& c = *n.inputs[flat].node;
        const std::string base = n.name + "/" + operand.name;
        const bool takes_numbers = !operand.ref && (n.is(OpRole::kOrdinary) || n.is(OpRole::kVariable));
        if (takes_numbers && c.is("constant") && c.control_inputs.empty() &&
            c.name == (operand.variadic ? fmt::format("{}_{}", base, k) : base) && literal_text(value_of(c)))
          found.push_back(flat);
      }
    }
    // make_node makes them in this order, right before the node.
    for (size_t i = 0; i < found.size(); ++i)
      if (n.inputs[found[i]].node->id != n.id - static_cast<int>(found.size() - i)) return;
    if (!types_come_back(n, found)) return;
    for (const size_t i : found) literals_[static_cast<size_t>(n.inputs[i].node->id)] = &n;
  }

  /// Whether make_node would give the literals among the operands the types that they have: that of
  /// the first tensor of their group, else, when all are alike, their own.
  static bool types_come_back(const Node& n, const std::vector<size_t>& literals) {
    std::map<int, std::optional<DType>> tensors, numbers;
    const auto is_literal = [&](size_t flat) {
      return std::find(literals.begin(), literals.end(), flat) != literals.end();
    };
    const auto each = [&](auto&& visit) {
      size_t flat = 0;
      for (size_t o = 0; o < n.segments.size(); ++o)
        for (int k = 0; k < n.segments[o]; ++k, ++flat) visit(n.spec->operands[o].dtype_group, flat);
    };
    each([&](int group, size_t flat) {
      const Port& p = n.inputs[flat];
      std::optional<DType>& first = (is_literal(flat) ? numbers : tensors)[group];
      if (!first) first = p.node->types[static_cast<size_t>(p.index)].dtype;
    });
    bool ok = true;
    each([&](int group, size_t flat) {
      if (!is_literal(flat)) return;
      const Array& a = value_of(*n.inputs[flat].node);
      const std::optional<DType> tensor = group < 0 ? std::nullopt : tensors[group];
      ok &=
          tensor ? *tensor == a.dtype() : natural_dtype(a) == a.dtype() && (group < 0 || *numbers[group] == a.dtype());
    });
    return ok;
  }

  static const Array& value_of(const Node& constant) { return *constant.find_attr<Array>("value"); }

  bool is_literal(const Node& n, const Port& p) const { return literals_[static_cast<size_t>(p.node->id)] == &n; }
  std::string operand_text(const Node& n, size_t flat) const {
    const Port& p = n.inputs[flat];
    return is_literal(n, p) ? *literal_text(value_of(*p.node)) : reference(p);
  }
  static std::string reference(const Port& p) {
    return p.index == 0 ? name_text(p.node->name) : fmt::format("{}:{}", name_text(p.node->name), p.index);
  }
  static std::string names(const std::vector<const Node*>& nodes) {
    std::vector<std::string> out;
    for (const Node* n : nodes) out.push_back(name_text(n->name));
    return fmt::format("[{}]", fmt::join(out, ", "));
  }

  std::string node(const Node& n) {
    if (n.is("constant")) return constant(n);
    if (n.is("group")) return fmt::format("group({})", names(n.control_inputs));
    if (std::string text = infix(n); !text.empty()) return text;
    return call(n);
  }

  std::string constant(const Node& n) {
    const Array& a = value_of(n);
    const std::string after =
        n.control_inputs.empty() ? ")" : fmt::format(", control_inputs={})", names(n.control_inputs));
    const std::string type = fmt::format("{}[{}]", a.dtype(), fmt::join(a.shape(), ", "));
    if (a.num_elements() > kMaxPrintedElements && stored_) {
      stored_->emplace_back(n.name, a);
      return fmt::format("stored_constant({}{}", type, after);
    }
    const std::optional<std::string> literal = literal_text(a);
    if (!literal && a.num_elements() == 0) return fmt::format("constant({}{}", type, after);
    if (!literal) return fmt::format("constant({}, \"{}\"{}", type, hex_text(a), after);
    if (natural_dtype(a) == a.dtype()) return fmt::format("constant({}{}", *literal, after);
    return fmt::format("constant({}, {}{}", *literal, a.dtype(), after);
  }

  /// "x + 1.0", "-x", "x[0]"; empty where only a call says it all.
  std::string infix(const Node& n) const {
    if (!n.control_inputs.empty()) return {};
    if (n.is("index"))
      return is_literal(n, n.inputs[0]) ? ""
                                        : fmt::format("{}[{}]", reference(n.inputs[0]), *n.find_attr<int64_t>("index"));
    if (n.is("negative") || n.is("bitwise_not"))
      return is_literal(n, n.inputs[0]) ? "" : (n.is("negative") ? "-" : "~") + reference(n.inputs[0]);
    const std::string_view symbol = graph_text::infix_symbol(n.spec->name);
    if (symbol.empty()) return {};
    const std::string x = operand_text(n, 0), y = operand_text(n, 1);
    if (symbol == "**" && x.starts_with('-')) return {};  // would be -(x ** y)
    return fmt::format("{} {} {}", x, symbol, y);
  }

  std::string call(const Node& n) {
    std::vector<std::string> args;
    bool positional = true;
    const auto add = [&](const std::string& name, const std::string& text, bool by_name) {
      positional &= !by_name;
      args.push_back(positional ? text : name + "=" + text);
    };
    size_t flat = 0;
    for (size_t o = 0; o < n.segments.size(); ++o) {
      const OperandSpec& operand = n.spec->operands[o];
      std::vector<std::string> items;
      for (int k = 0; k < n.segments[o]; ++k) items.push_back(operand_text(n, flat++));
      const bool list_stands_for_it = operand.optional && o + 1 == n.segments.size() && n.attrs.contains("dims");
      if (items.empty() && list_stands_for_it) continue;  // reshape(x, [n, 4])
      if (items.empty() && (o > 0 || !operand.variadic))
        positional = false;  // the others by name
      else
        // Weights and stops of gradients are not told apart by their place.
        add(operand.name, operand.variadic ? fmt::format("[{}]", fmt::join(items, ", ")) : items[0],
            !positional || (n.is(OpRole::kGradients) && o >= 2));
    }
    const bool pairs = n.spec->find_attr("dims") && n.spec->find_attr("dtype");
    bool typed = false;
    for (const AttrSpec& a : n.spec->attrs) {
      const auto it = n.attrs.find(a.name);
      if (it == n.attrs.end()) continue;
      if (pairs && (a.name == "dims" || a.name == "dtype")) {
        if (!std::exchange(typed, true))
          add(a.name, to_string(*n.find_attr<DType>("dtype")) + dims_text(*n.find_attr<ir::Dims>("dims")), !positional);
        continue;
      }
      const bool given_anyway = a.name == "graph_seed" && n.spec->seeded
                                    ? std::get<int64_t>(it->second) == graph_.state()->random_seed
                                    : a.presence == AttrSpec::Presence::kDefault && ir::attr_equal(it->second, a.value);
      const bool range_type = n.is("range") && a.name == "dtype" && range_has_fraction(n);
      if (given_anyway && !range_type) continue;
      const bool plain =
          a.name == "dims" || (a.presence == AttrSpec::Presence::kRequired &&
                               (std::holds_alternative<DType>(a.value) || std::holds_alternative<ir::Dims>(a.value)));
      add(a.name, range_integer(n, it->second).value_or(attr_text(it->second)), !positional || !plain);
    }
    if (n.is(OpRole::kGradients) && some_unconnected(n)) add("unconnected", "\"zeros\"", true);
    if (!n.control_inputs.empty()) add("control_inputs", names(n.control_inputs), true);
    return fmt::format("{}({})", n.spec->name, fmt::join(args, ", "));
  }

  /// A number of an integer range as the integer that it is: with a fraction it would make f32.
  static std::optional<std::string> range_integer(const Node& n, const ir::Attr& attr) {
    const auto* number = std::get_if<double>(&attr);
    if (!n.is("range") || !number || !is_int(*n.find_attr<DType>("dtype"))) return std::nullopt;
    if (*number != std::trunc(*number) || std::abs(*number) >= 0x1p63 || (*number == 0 && std::signbit(*number)))
      return std::nullopt;
    return fmt::format("{:.0f}", *number);
  }
  static bool range_has_fraction(const Node& n) {
    return std::any_of(n.attrs.begin(), n.attrs.end(), [&](const auto& attr) {
      return std::holds_alternative<double>(attr.second) && !range_integer(n, attr.second);
    });
  }

  bool some_unconnected(const Node& n) const {
    const auto list = [&](const char* operand) {
      std::vector<Tensor> out;
      for (const Port& p : n.operand(operand)) out.emplace_back(graph_.state(), p);
      return out;
    };
    const std::vector<bool> reached = connected(list("ys"), list("xs"), list("stop_gradients"));
    return std::find(reached.begin(), reached.end(), false) != reached.end();
  }

  std::string attr_text(const ir::Attr& attr) {
    if (const auto* ints = std::get_if<ir::Ints>(&attr)) return fmt::format("[{}]", fmt::join(*ints, ", "));
    if (const auto* dims = std::get_if<ir::Dims>(&attr)) return dims_text(*dims);
    return ir::attr_str(attr);
  }

  /// A symbol that '?' would give, read in this order, prints as '?'.
  std::string dims_text(const ir::Dims& dims) {
    std::vector<std::string> items;
    for (const ir::Dim& d : dims) {
      if (d.as_symbol() == fmt::format("_{}", next_symbol_)) {
        ++next_symbol_;
        items.emplace_back("?");
        continue;
      }
      items.push_back(d.str());
      std::set<std::string> symbols;
      d.collect_symbols(symbols);
      for (const std::string& s : symbols)
        if (const std::optional<int64_t> number = graph_text::fresh_symbol_number(s))
          next_symbol_ = std::max(next_symbol_, *number + 1);
    }
    return fmt::format("[{}]", fmt::join(items, ", "));
  }

  const Graph& graph_;
  NamedArrays* stored_;
  std::vector<const Node*> literals_;  // by constant: the node whose literal it is
  int64_t next_symbol_ = 1;
  std::string out_;
};

}  // namespace

std::string print(const Graph& graph, NamedArrays* stored) { return Printer(graph, stored).run(); }

}  // namespace dlc
