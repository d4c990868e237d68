#include "frontend/graph/lint.h"

#include <algorithm>
#include <array>
#include <optional>

namespace dlc {

namespace {

constexpr std::array<std::string_view, 3> kLossesOnLogits = {"softmax_cross_entropy_with_logits",
                                                             "sparse_softmax_cross_entropy_with_logits",
                                                             "sigmoid_cross_entropy_with_logits"};
/// Operators whose result has the elements of their first operand: seen through.
constexpr std::array<std::string_view, 7> kSameElements = {"identity", "stop_gradient", "reshape", "transpose",
                                                           "squeeze",  "expand_dims",   "cast"};

bool is_one_of(const Node& node, const auto& names) {
  return std::find(names.begin(), names.end(), node.spec->name) != names.end();
}

/// What made the elements of `port`.
const Node& maker_of(Port port) {
  const Node* node = port.node;
  while (is_one_of(*node, kSameElements)) node = node->inputs[0].node;
  return *node;
}

std::optional<GraphWarning> probabilities_as_logits(const Node& loss) {
  if (!is_one_of(loss, kLossesOnLogits)) return {};
  const Port logits = loss.operand("logits")[0];
  const Node& maker = maker_of(logits);
  // log_softmax is not among them: softmax(log_softmax(z)) is softmax(z).
  if (!maker.is("softmax") && !maker.is("sigmoid")) return {};
  const std::string_view inside = loss.is("sigmoid_cross_entropy_with_logits") ? "sigmoid" : "softmax";
  return GraphWarning{
      .code = "probabilities-as-logits",
      .node = loss.name,
      .loc = loss.loc,
      .message = fmt::format("{} '{}' expects logits, got '{}', probabilities of {} '{}'{}: it takes the {} of its "
                             "logits itself",
                             loss.spec->name, loss.name, port_name(logits), maker.spec->name, maker.name,
                             maker.loc.known() ? fmt::format(" ({})", maker.loc.str()) : "", inside),
      .fix = fmt::format("give it '{}', the operand of that {}", port_name(maker.inputs[0]), maker.spec->name)};
}

}  // namespace

std::string GraphWarning::str() const {
  return fmt::format("{}warning: {} [{}]\n  fix: {}", loc.known() ? loc.str() + ": " : "", message, code, fix);
}

std::vector<GraphWarning> lint(const Graph& graph) {
  std::vector<GraphWarning> warnings;
  for (size_t i = 0; i < graph.num_nodes(); ++i)
    if (auto warning = probabilities_as_logits(graph.node(i))) warnings.push_back(std::move(*warning));
  return warnings;
}

}  // namespace dlc
