#include "frontend/graph/lints/rule.h"

namespace dlc::lints {

namespace {

/// Of a mean: reduce_mean(x), or reduce_sum(x) over or times a number or a size.
struct Mean {
  Port of;
  std::optional<Port> factor;  ///< none for reduce_mean
};

bool is_count(Port p) { return number(*p.node) || is_one_of(maker_of(p), {"size", "index", "shape"}); }

std::optional<Mean> mean(const Node& node) {
  if (node.is("reduce_mean")) return Mean{input(node, 0), {}};
  if (!is_one_of(node, {"divide", "multiply"})) return {};
  Port sum = input(node, 0), factor = input(node, 1);
  if (node.is("multiply") && !sum.node->is("reduce_sum")) std::swap(sum, factor);
  if (!sum.node->is("reduce_sum") || !is_count(factor)) return {};
  return Mean{input(*sum.node, 0), factor};
}

/// The y of what adds -y: x - y, x + -y and -y + x; `x` is set to the other.
std::optional<Port> subtracted(const Node& node, Port& x) {
  if (node.is("subtract")) {
    x = input(node, 0);
    return input(node, 1);
  }
  if (!node.is("add")) return {};
  for (int i = 0; i < 2; ++i) {
    const Node& term = *input(node, i).node;
    if (!term.is("negative")) continue;
    x = input(node, 1 - i);
    return input(term, 0);
  }
  return {};
}

std::optional<Finding> check_variance_as_difference(const LintContext&, const Node& node) {
  Port minuend;
  const std::optional<Port> subtrahend = subtracted(node, minuend);
  if (!subtrahend) return {};
  const std::optional<Mean> mean_of_square = mean(*minuend.node);
  const std::optional<Port> root = squared(*subtrahend->node);
  if (!mean_of_square || !root) return {};
  const std::optional<Mean> mean_of_x = mean(*root->node);
  const std::optional<Port> x = squared(*mean_of_square->of.node);
  if (!x || !mean_of_x || !same_value(*x, mean_of_x->of)) return {};
  const auto &f = mean_of_square->factor, &g = mean_of_x->factor;
  if (f && g && !same_value(*f, *g)) return {};
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
