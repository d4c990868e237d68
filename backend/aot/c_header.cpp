#include <algorithm>
#include <set>
#include <span>
#include <vector>

#include "backend/aot/aot.h"
#include "support/shape.h"

namespace dlc::backend {
namespace {

const char* c_type(int64_t dtype) {
  switch (dtype) {
    case DLC_I32: return "int32_t";
    case DLC_I64: return "int64_t";
    case DLC_U32: return "uint32_t";
    case DLC_U64: return "uint64_t";
    case DLC_F32: return "float";
    case DLC_F64: return "double";
    default: return "uint8_t";  // bool too: one byte, 0 or 1
  }
}

const char* describe_kind(int64_t kind) {
  switch (kind) {
    case DLC_FEED: return "in";
    case DLC_VARIABLE: return "variable";
    case DLC_RNG_STATE: return "random state, another for each run";
    default: return "out";
  }
}

Shape shape_of(const dlc_value& v) { return {v.dims, v.dims + v.rank}; }

/// One argument of the run function.
struct Argument {
  const dlc_value* value;
  std::string name;
  bool written;
};

class HeaderWriter {
 public:
  HeaderWriter(const dlc_program& program, const std::string& name) : name_(name) {
    const auto params = std::span(program.params, static_cast<size_t>(program.num_params));
    const auto results = std::span(program.results, static_cast<size_t>(program.num_results));
    std::set<int64_t> updated;
    for (const dlc_value& r : results)
      if (r.kind == DLC_UPDATE) updated.insert(r.param);
    for (size_t i = 0; i < params.size(); ++i)
      params_.push_back({&params[i], unique(params[i].name), updated.contains(static_cast<int64_t>(i))});
    for (const dlc_value& r : results) {
      if (r.kind == DLC_UPDATE) {
        results_.push_back({&r, "NULL", false});
      } else {
        results_.push_back({&r, unique(r.name), true});
      }
    }
  }

  std::string run() {
    std::string guard = name_ + "_H";
    std::transform(guard.begin(), guard.end(), guard.begin(), [](unsigned char c) { return std::toupper(c); });
    return fmt::format(
        "/* Made by `dlc compile`; do not edit. How to use it:\n"
        " *\n"
        " *   dlc_execution* execution = dlc_execution_create(&{0}_program, NULL);\n"
        " *   if (!execution || {0}_run(execution, ...) != 0) puts(dlc_last_error());\n"
        " *   dlc_execution_destroy(execution);\n"
        " */\n"
        "#ifndef {1}\n#define {1}\n\n#include <dlc/runtime.h>\n\n"
        "#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n"
        "extern const dlc_program {0}_program;\n\n"
        "{2}"
        "\n#ifdef __cplusplus\n}}  /* extern \"C\" */\n#endif\n#endif\n",
        name_, guard, run_function());
  }

 private:
  /// An identifier that no other argument has.
  std::string unique(const std::string& text) {
    const std::string wanted = c_identifier(text.empty() ? "value" : text);
    std::string name = wanted;
    for (int i = 1; !taken_.insert(name).second; ++i) name = fmt::format("{}_{}", wanted, i);
    return name;
  }

  std::string run_function() const {
    std::string doc =
        "/* One run; 0, or -1 and dlc_last_error() says why. Memory that is written may overlap nothing.\n";
    std::string arguments = "dlc_execution* execution";
    const auto add = [&](const Argument& a) {
      doc += fmt::format(" *   {}: {} {}, '{}'{}\n", a.name, describe_kind(a.value->kind),
                         type_str(static_cast<DType>(a.value->dtype), shape_of(*a.value)), comment_safe(a.value->name),
                         a.value->kind == DLC_VARIABLE && a.written ? ", updated" : "");
      arguments += fmt::format(", {}{}* {}", a.written ? "" : "const ", c_type(a.value->dtype), a.name);
    };
    for (const Argument& a : params_) add(a);
    for (const Argument& a : results_)
      if (a.value->kind != DLC_UPDATE) add(a);
    return fmt::format(
        "{} */\nstatic inline int {}_run({}) {{\n{}{}  return dlc_execution_run(execution, params, results);\n}}\n",
        doc, name_, arguments, pointers("params", params_), pointers("results", results_));
  }

  static std::string pointers(const char* list, const std::vector<Argument>& arguments) {
    std::string items;
    for (const Argument& a : arguments)
      items += fmt::format("{}{}{}", items.empty() ? "" : ", ", a.written || a.name == "NULL" ? "" : "(void*)", a.name);
    // An array of nothing is not C.
    return fmt::format("  void* const {}[] = {{{}}};\n", list, items.empty() ? "NULL" : items);
  }

  /// A name of the user's that cannot end the comment it stands in.
  static std::string comment_safe(std::string text) {
    for (size_t at = 0; (at = text.find("*/", at)) != std::string::npos;) text.replace(at, 2, "* /");
    std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20; }, ' ');
    return text;
  }

  std::string name_;
  std::set<std::string> taken_ = {"execution", "params", "results", "NULL"};
  std::vector<Argument> params_, results_;
};

}  // namespace

std::string c_identifier(const std::string& text) {
  // Of C and C++, what is no type of ours and may be somebody's name for a node.
  static const std::set<std::string> kKeywords = {
      "alignas",  "alignof",  "and",     "asm",       "auto",     "bool",     "break",     "case",      "catch",
      "char",     "class",    "const",   "constexpr", "continue", "decltype", "default",   "delete",    "do",
      "double",   "else",     "enum",    "explicit",  "export",   "extern",   "false",     "float",     "for",
      "friend",   "goto",     "if",      "inline",    "int",      "long",     "mutable",   "namespace", "new",
      "noexcept", "not",      "nullptr", "operator",  "or",       "private",  "protected", "public",    "register",
      "requires", "restrict", "return",  "short",     "signed",   "sizeof",   "static",    "struct",    "switch",
      "template", "this",     "throw",   "true",      "try",      "typedef",  "typeid",    "typename",  "typeof",
      "union",    "unsigned", "using",   "virtual",   "void",     "volatile", "while",     "xor"};
  std::string name;
  for (const char c : text) {
    const bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    name += ok ? c : '_';
  }
  // What starts with an underscore or a digit belongs to the implementation or to nobody.
  if (name.empty() || name[0] == '_' || (name[0] >= '0' && name[0] <= '9')) name = "v" + name;
  return kKeywords.contains(name) ? name + "_" : name;
}

std::string c_header(const dlc_program& program, const std::string& name) { return HeaderWriter(program, name).run(); }

}  // namespace dlc::backend
