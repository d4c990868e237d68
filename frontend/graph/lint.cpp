#include "frontend/graph/lint.h"

#include <cstdio>

#include "frontend/graph/graph_state.h"
#include "frontend/graph/lints/rule.h"

namespace dlc {

namespace lints {

#define DLC_LINT(name) Rule name##_rule();
#include "frontend/graph/lints/lints.def"
#undef DLC_LINT

namespace {

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = {
#define DLC_LINT(name) name##_rule(),
#include "frontend/graph/lints/lints.def"
#undef DLC_LINT
  };
  return all;
}

constexpr const char* kAllCodes = "all";

/// Whether the node is `where` or in its scope.
bool lies_in(const std::string& node, const std::string& where) {
  if (where.empty() || node == where) return true;
  return node.size() > where.size() && node.starts_with(where) && node[where.size()] == '/';
}

bool silenced(const LintState& state, const char* code, const Node& node) {
  return std::any_of(state.silenced.begin(), state.silenced.end(), [&](const LintState::Silenced& s) {
    return (s.code == kAllCodes || s.code == code) && lies_in(node.name, s.where);
  });
}

}  // namespace

}  // namespace lints

std::string GraphWarning::str() const {
  return fmt::format("{}warning: {} [{} {}]\n  fix: {}", loc.known() ? loc.str() + ": " : "", message, code, rule, fix);
}

std::vector<LintInfo> lint_rules() {
  std::vector<LintInfo> out;
  for (const lints::Rule& rule : lints::rules()) out.push_back({rule.code, rule.name, rule.doc});
  return out;
}

std::vector<GraphWarning> lint(const Graph& graph) {
  const lints::LintContext context(graph);
  std::vector<GraphWarning> warnings;
  for (size_t i = 0; i < graph.num_nodes(); ++i) {
    const Node& node = graph.node(i);
    for (const lints::Rule& rule : lints::rules()) {
      std::optional<lints::Finding> found = rule.check(context, node);
      if (!found || lints::silenced(graph.state()->lint, rule.code, node)) continue;
      warnings.push_back({.code = rule.code,
                          .rule = rule.name,
                          .node = node.name,
                          .loc = node.loc,
                          .message = std::move(found->message),
                          .fix = std::move(found->fix)});
    }
  }
  return warnings;
}

void print_new_warnings(const Graph& graph) {
  const std::vector<GraphWarning> warnings = lint(graph);
  LintState& state = graph.state()->lint;
  const std::lock_guard lock(state.mutex);
  for (const GraphWarning& w : warnings) {
    // A line in a loop makes many nodes; it is one fault.
    const std::string place = w.loc.known() ? w.loc.str() : w.node;
    if (state.printed.insert(w.code + " " + place).second) fmt::print(stderr, "{}\n", w.str());
  }
}

void silence(const Graph& graph, std::string_view code, std::string_view where) {
  const auto& rules = lints::rules();
  if (code != lints::kAllCodes &&
      std::none_of(rules.begin(), rules.end(), [&](const lints::Rule& r) { return r.code == code; }))
    throw Exception(make_error(ErrorCode::kInvalidArgument,
                               "silence: no rule has the code '{}'; there are {} to {}, and \"{}\"", code,
                               rules.front().code, rules.back().code, lints::kAllCodes));
  std::string place(where);
  if (where.empty()) place = graph.name_scope_prefix().substr(0, graph.name_scope_prefix().rfind('/'));
  LintState& state = graph.state()->lint;
  LintState::Silenced entry{std::string(code), std::move(place)};
  if (std::find(state.silenced.begin(), state.silenced.end(), entry) == state.silenced.end())
    state.silenced.push_back(std::move(entry));
}

void silence(std::string_view code, std::string_view where) { silence(default_graph(), code, where); }

}  // namespace dlc
