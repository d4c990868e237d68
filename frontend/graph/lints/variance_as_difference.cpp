#include "frontend/graph/lints/rule.h"

namespace dlc::lints {

namespace {

std::optional<Finding> check_variance_as_difference(const LintContext&, const Node& node) {
  if (!node.is("subtract")) return {};
  const Node &mean_of_square = *input(node, 0).node, &square_of_mean = *input(node, 1).node;
  const std::optional<Port> mean = squared(square_of_mean);
  if (!mean_of_square.is("reduce_mean") || !mean || !mean->node->is("reduce_mean")) return {};
  const std::optional<Port> x = squared(*input(mean_of_square, 0).node);
  if (!x || !(*x == input(*mean->node, 0))) return {};
  return Finding{fmt::format("'{}' is the variance of '{}' as mean(x^2) - mean(x)^2: where the mean is large against "
                             "the deviations, the difference has no correct digit, and may be below 0",
                             node.name, port_name(*x)),
                 fmt::format("reduce_variance({0}), or moments({0}) for mean and variance", port_name(*x))};
}

}  // namespace

Rule variance_as_difference_rule() {
  return {.code = "DLC-L007",
          .name = "variance-as-difference",
          .doc = "mean(x^2) - mean(x)^2 for the variance of x: two large numbers whose difference is small.",
          .check = check_variance_as_difference};
}

}  // namespace dlc::lints
