// dlc ops: the operator set, from the registry itself.
#include <algorithm>
#include <memory>

#include "frontend/graph/op_spec.h"
#include "ir/op_def.h"
#include "support/suggest.h"
#include "tools/dlc/verb.h"

namespace dlc::tools {
namespace {

struct OpsOptions {
  std::string name;
  bool markdown = false;
  bool frontend = false;
};

/// The first sentence of a doc, in one line.
std::string first_sentence(const std::string& doc) {
  std::string out = doc.substr(0, doc.find("\n\n"));
  std::replace(out.begin(), out.end(), '\n', ' ');
  const size_t end = out.find(". ");
  return end == std::string::npos ? out : out.substr(0, end + 1);
}

std::string signature(const ir::OpDef& def) {
  std::string out = def.name + "(";
  for (size_t i = 0; i < def.operands.size(); ++i)
    out += (i > 0 ? ", " : "") + def.operands[i].name + (def.operands[i].variadic ? "..." : "");
  return out + ")";
}

std::string traits(const ir::OpDef& def) {
  std::string out;
  const auto add = [&](bool has, const char* text) {
    if (has) out += std::string(out.empty() ? "" : ", ") + text;
  };
  add(def.commutative, "commutative");
  add(def.has_effects, "has effects");
  add(def.can_fail, "can fail");
  add(def.decompose != nullptr, "brings a decomposition");
  add(def.num_regions > 0, "has a region");
  return out;
}

std::string attr_text(const ir::AttrSpec& a) {
  std::string out = std::string(attr_type_name(a.example));
  if (a.optional) out += ", default " + attr_str(a.example);
  return out;
}

void print_plain(const ir::OpDef& def) {
  fmt::print("{}\n  {}\n", signature(def), def.doc);
  for (const ir::OperandSpec& o : def.operands)
    fmt::print("  operand   {:<16} {}{}{}\n", o.name, to_string(o.types), o.doc.empty() ? "" : "; ", o.doc);
  for (const ir::AttrSpec& a : def.attrs)
    fmt::print("  attribute {:<16} {}{}{}\n", a.name, attr_text(a), a.doc.empty() ? "" : "; ", a.doc);
  if (const std::string t = traits(def); !t.empty()) fmt::print("  traits    {}\n", t);
  fmt::print("  gradient  {}\n", def.gradient != nullptr ? "yes" : "none: " + def.no_gradient);
}

void print_markdown(const ir::OpDef& def) {
  fmt::print("\n### {}\n\n`{}`\n\n{}\n", def.name, signature(def), def.doc);
  if (!def.operands.empty() || !def.attrs.empty()) fmt::print("\n");
  for (const ir::OperandSpec& o : def.operands)
    fmt::print("- operand `{}`: {}{}{}\n", o.name, to_string(o.types), o.doc.empty() ? "" : "; ", o.doc);
  for (const ir::AttrSpec& a : def.attrs)
    fmt::print("- attribute `{}`: {}{}{}\n", a.name, attr_text(a), a.doc.empty() ? "" : "; ", a.doc);
  if (const std::string t = traits(def); !t.empty()) fmt::print("- traits: {}\n", t);
  if (def.gradient == nullptr) fmt::print("- no gradient: {}\n", def.no_gradient);
}

std::string user_attr_text(const AttrSpec& a) {
  std::string out = ir::attr_type_name(a.value);
  if (a.presence == AttrSpec::Presence::kDefault) out += ", default " + attr_str(a.value);
  if (a.presence == AttrSpec::Presence::kOptional) out += ", may be absent";
  return out;
}

/// Operands and attributes, one a line behind `bullet`.
void print_user_arguments(const OpSpec& spec, const char* bullet, const char* quote) {
  for (const OperandSpec& o : spec.operands)
    fmt::print("{}operand {}{}{}{}: {}\n", bullet, quote, o.name, o.variadic ? "..." : "", quote, o.doc);
  for (const AttrSpec& a : spec.attrs)
    fmt::print("{}attribute {}{}{}: {}{}{}\n", bullet, quote, a.name, quote, user_attr_text(a),
               a.doc.empty() ? "" : "; ", a.doc);
}

int run_user_ops(const OpsOptions& options) {
  if (!options.name.empty()) {
    const OpSpec* spec = find_op_spec(options.name);
    if (spec == nullptr) {
      std::vector<std::string> names;
      for (const OpSpec& s : all_op_specs()) names.push_back(s.name);
      return report(make_error(ErrorCode::kNotFound, "there is no operator '{}'{}", options.name,
                               did_you_mean(options.name, names)));
    }
    fmt::print("{}\n  {}\n", spec->signature(), spec->doc);
    print_user_arguments(*spec, "  ", "");
    return kDone;
  }
  if (!options.markdown) {
    for (const OpSpec& spec : all_op_specs()) fmt::print("{:<60} {}\n", spec.signature(), first_sentence(spec.doc));
    return kDone;
  }
  fmt::print("# Operators\n\nPrinted by `dlc ops --frontend --markdown`.\n");
  std::vector<std::string> categories;
  for (const OpSpec& spec : all_op_specs())
    if (std::find(categories.begin(), categories.end(), spec.category) == categories.end())
      categories.push_back(spec.category);
  for (const std::string& category : categories) {
    fmt::print("\n## {}\n", category);
    for (const OpSpec& spec : all_op_specs()) {
      if (spec.category != category) continue;
      fmt::print("\n### {}\n\n`{}`\n\n{}\n\n", spec.name, spec.signature(), spec.doc);
      print_user_arguments(spec, "- ", "`");
    }
  }
  return kDone;
}

int run_ops(const OpsOptions& options) {
  if (options.frontend) return run_user_ops(options);
  if (!options.name.empty()) {
    const std::optional<ir::OpKind> kind = ir::find_op(options.name);
    if (!kind) {
      std::vector<std::string> names;
      for (const ir::OpKind k : ir::all_ops()) names.push_back(ir::op_def(k).name);
      return report(make_error(ErrorCode::kNotFound, "there is no IR operator '{}'{}", options.name,
                               did_you_mean(options.name, names)));
    }
    options.markdown ? print_markdown(ir::op_def(*kind)) : print_plain(ir::op_def(*kind));
    return kDone;
  }
  if (options.markdown) fmt::print("# IR operators\n\nPrinted by `dlc ops --markdown`.\n");
  for (const ir::OpKind kind : ir::all_ops()) {
    const ir::OpDef& def = ir::op_def(kind);
    if (options.markdown)
      print_markdown(def);
    else
      fmt::print("{:<44} {}\n", signature(def), first_sentence(def.doc));
  }
  return kDone;
}

}  // namespace

std::function<int()> setup_ops(CLI::App& app) {
  auto o = std::make_shared<OpsOptions>();
  app.add_option("name", o->name, "One operator, told in full");
  app.add_flag("--frontend", o->frontend, "The operators of users instead of those of the IR");
  app.add_flag("--markdown", o->markdown, "As docs/ops.md (with --frontend) and docs/ir_ops.md have it");
  return [o] { return run_ops(*o); };
}

}  // namespace dlc::tools
