#include "frontend/graph/lints/rule.h"

namespace dlc::lints {

namespace {

std::optional<Finding> check_probabilities_as_logits(const LintContext&, const Node& loss) {
  if (!is_one_of(loss, {"softmax_cross_entropy_with_logits", "sparse_softmax_cross_entropy_with_logits",
                        "sigmoid_cross_entropy_with_logits"}))
    return {};
  const Port logits = loss.operand("logits")[0];
  const Node& maker = maker_of(logits);
  const std::optional<Port> written_out = written_out_softmax(maker);
  // log_softmax is not among them: softmax(log_softmax(z)) is softmax(z).
  if (!written_out && !is_one_of(maker, {"softmax", "sigmoid"})) return {};
  const std::string_view inside = loss.is("sigmoid_cross_entropy_with_logits") ? "sigmoid" : "softmax";
  return Finding{
      fmt::format("{} '{}' expects logits, got '{}', probabilities of {}{}: it takes the {} of its logits itself",
                  loss.spec->name, loss.name, port_name(logits), written_out ? "a softmax written out, " : "",
                  described(maker), inside),
      fmt::format("give it '{}', the operand of that {}", port_name(written_out.value_or(maker.inputs[0])),
                  written_out ? "softmax" : maker.spec->name)};
}

}  // namespace

Rule probabilities_as_logits_rule() {
  return {
      .code = "DLC-L001",
      .name = "probabilities-as-logits",
      .doc =
          "A cross-entropy \"with logits\" takes its softmax or sigmoid itself. Given the output of one it takes it "
          "twice: the loss can no longer come near 0 and its gradients are small.",
      .check = check_probabilities_as_logits};
}

}  // namespace dlc::lints
