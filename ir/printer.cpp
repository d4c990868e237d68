#include "ir/printer.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <unordered_set>

#include "ir/op_def.h"
#include "support/quote.h"

namespace dlc::ir {
namespace {

bool is_plain_name(std::string_view name) {
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; };
  const auto is_inner = [&](char c) {
    return is_letter(c) || std::isdigit(static_cast<unsigned char>(c)) || c == '.' || c == '/';
  };
  return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), is_inner);
}

std::string sigil_name(char sigil, const std::string& name) {
  return sigil + (is_plain_name(name) ? name : quote(name));
}

/// Names of one function's values: params by their names, others numbered in order.
class Names {
 public:
  explicit Names(const Function& f) {
    for (int i = 0; i < f.num_params(); ++i) {
      std::string name = f.param_info(i).name;
      if (name.empty()) name = fmt::format("arg{}", i);
      // Two params of one name (a feed and a variable, say) still are two names in the text.
      for (int n = 1; !taken_.insert(name).second; ++n) name = fmt::format("{}.{}", f.param_info(i).name, n);
      names_.emplace(f.param(i), sigil_name('%', name));
    }
    int next = 0;
    for (const auto& op : f.ops())
      for (int i = 0; i < op->num_results(); ++i) names_.emplace(op->result(i), fmt::format("%{}", next++));
  }

  /// A broken function must print too: what is not of the function shows as such.
  std::string of(Value v) const {
    if (!v) return "%<null>";
    const auto it = names_.find(v);
    return it == names_.end() ? "%<foreign>" : it->second;
  }

 private:
  std::unordered_map<Value, std::string> names_;
  std::unordered_set<std::string> taken_;
};

class Printer {
 public:
  explicit Printer(const PrintOptions& options) : options_(options) {}

  void function(const Function& f, const std::string& indent) {
    const Names names(f);
    out_ += fmt::format("{}func {}(", indent, sigil_name('@', f.name()));
    for (int i = 0; i < f.num_params(); ++i) {
      if (i > 0) out_ += ", ";
      param(f, i, names);
    }
    out_ += ") -> (";
    for (int i = 0; i < f.num_results(); ++i) {
      if (i > 0) out_ += ", ";
      result(f, i);
    }
    out_ += ") {\n";
    const std::string inner = indent + "  ";
    for (const Requirement& r : f.requirements())
      out_ += fmt::format("{}require {} == {}{}\n", inner, r.a, r.b, location(r.provenance));
    for (const auto& op : f.ops()) this->op(*op, names, inner);
    if (f.has_results()) {
      out_ += inner + "return";
      for (int i = 0; i < f.num_results(); ++i) out_ += (i > 0 ? ", " : " ") + names.of(f.result(i));
      out_ += '\n';
    }
    out_ += indent + "}\n";
  }

  void op(const Op& op, const Names& names, const std::string& indent) {
    out_ += indent;
    for (int i = 0; i < op.num_results(); ++i) {
      if (i > 0) out_ += ", ";
      out_ += names.of({const_cast<Op*>(&op), i});  // a Value is a handle; nothing is changed through it
    }
    if (op.num_results() > 0) out_ += " = ";
    out_ += op.name() + "(";
    for (int i = 0; i < op.num_operands(); ++i) out_ += (i > 0 ? ", " : "") + names.of(op.operand(i));
    out_ += ")" + attributes(op);
    for (int i = 0; i < op.num_results(); ++i) out_ += (i > 0 ? ", " : " : ") + op.type(i).str();
    out_ += location(op.provenance());
    if (!op.regions().empty()) {
      out_ += " {\n";
      for (const auto& region : op.regions()) function(*region, indent + "  ");
      out_ += indent + "}";
    }
    out_ += '\n';
  }

  std::string take() { return std::move(out_); }

 private:
  void param(const Function& f, int i, const Names& names) {
    const ParamInfo& info = f.param_info(i);
    out_ += fmt::format("{}: {}", names.of(f.param(i)), f.param(i).type());
    if (info.kind == ParamKind::kVariable) out_ += " variable " + quote(info.name);
    if (info.kind == ParamKind::kRngState) out_ += " rng_state";
    out_ += location(f.param(i).op->provenance());
  }

  void result(const Function& f, int i) {
    const ResultInfo& info = f.result_info(i);
    out_ += f.result(i).type().str();
    if (info.kind == ResultKind::kUpdate)
      out_ += " update " + quote(info.name);
    else if (!info.name.empty())
      out_ += " fetch " + quote(info.name);
  }

  /// Attributes at their default are left out: reading fills them in again.
  std::string attributes(const Op& op) const {
    std::string out;
    for (const auto& [name, value] : op.attrs()) {
      if (std::find(options_.omit.begin(), options_.omit.end(), name) != options_.omit.end()) continue;
      const AttrSpec* spec = op.def().find_attr(name);
      if (spec != nullptr && spec->optional && attr_equal(spec->example, value)) continue;
      out += fmt::format("{}{} = {}", out.empty() ? " {" : ", ", name, attribute(value));
    }
    return out.empty() ? out : out + "}";
  }

  std::string attribute(const Attr& value) const {
    const auto* array = std::get_if<Array>(&value);
    if (array != nullptr && options_.max_constant_elements >= 0 &&
        array->num_elements() > options_.max_constant_elements)
      return array->type_str() + " {...}";
    return attr_str(value);
  }

  std::string location(const Provenance& p) const {
    const std::string text = options_.locations ? loc_str(p) : std::string();
    return text.empty() ? text : " " + text;
  }

  PrintOptions options_;
  std::string out_;
};

}  // namespace

std::string print(const Function& function, const PrintOptions& options) {
  Printer printer(options);
  printer.function(function, "");
  return printer.take();
}

std::string print(const Module& module, const PrintOptions& options) {
  std::string out;
  for (const auto& f : module.functions()) out += (out.empty() ? "" : "\n") + print(*f, options);
  return out;
}

std::string print(const Op& op, const PrintOptions& options) {
  Printer printer(options);
  printer.op(op, Names(*op.parent()), "");
  std::string text = printer.take();
  text.pop_back();
  return text;
}

std::string value_name(Value value) { return value ? Names(*value.op->parent()).of(value) : "%<null>"; }

std::string loc_str(const Provenance& p) {
  if (p.node().empty() && !p.loc().known()) return {};
  std::string out = "loc(" + quote(p.node());
  if (p.loc().known()) {
    out += fmt::format(", {}:{}", quote(p.loc().file), p.loc().line);
    if (p.loc().column > 0) out += fmt::format(":{}", p.loc().column);
  }
  return out + ")";
}

}  // namespace dlc::ir
