#include "frontend/graph/lints/rule.h"

namespace dlc::lints {

namespace {

/// Whether a node gives 0 for values that are to be expected: all zeros, all equal, none selected.
bool may_be_zero(const Node& node) {
  if (is_one_of(node, {"relu", "relu6", "abs", "norm", "global_norm", "l2_loss", "reduce_std", "reduce_variance"}))
    return true;
  if (squared(node)) return true;
  if (node.is("sqrt")) return may_be_zero(maker_of(input(node, 0)));
  if (!is_one_of(node, {"reduce_sum", "reduce_mean", "reduce_max"})) return false;
  // The number of elements that a mask selects, or a sum of what may be zero.
  const Port summed = input(node, 0);
  const Node& maker = *summed.node;
  if (maker.is("cast") && input(maker, 0).node->types[static_cast<size_t>(input(maker, 0).index)].dtype == kBool)
    return true;
  return may_be_zero(maker_of(summed));
}

/// A probability underflows to 0, or 1 minus it does. log(softmax(z)) is rewritten as log_softmax(z).
bool is_probability(const Node& node) {
  if (node.is("sigmoid")) return true;
  if (node.is("subtract") && number(*input(node, 0).node) == 1)
    return is_one_of(maker_of(input(node, 1)), {"sigmoid", "softmax"});
  return node.is("random_uniform") && *node.find_attr<double>("minval") == 0;
}

std::optional<Finding> check_unguarded_log_or_division(const LintContext&, const Node& node) {
  const bool log = node.is("log"), division = is_one_of(node, {"divide", "reciprocal", "rsqrt"});
  if (!log && !division) return {};
  const Port at = input(node, node.is("divide") ? 1 : 0);
  if (!is_float(at.node->types[static_cast<size_t>(at.index)].dtype)) return {};
  const Node& maker = maker_of(at);
  const bool probability = log && is_probability(maker);
  if (!probability && !may_be_zero(maker)) return {};
  const std::string what =
      fmt::format("{} '{}' of '{}', made by {}", node.spec->name, node.name, port_name(at), described(maker));
  if (maker.is("random_uniform"))
    return Finding{what + ": it draws 0 now and then, whose logarithm is -inf", "draw from a small positive minval on"};
  if (probability)
    return Finding{what + ": it underflows to 0, whose logarithm is -inf and has a gradient of NaN",
                   "log_sigmoid(z) is exact, and log_sigmoid(-z) for 1 - sigmoid(z); as a loss, "
                   "sigmoid_cross_entropy_with_logits"};
  if (log) return Finding{what + ": it can be 0, whose logarithm is -inf", "log(maximum(x, 1e-12)), or log1p"};
  return Finding{what + ": it can be 0, and the quotient infinite or NaN",
                 "add an epsilon, take maximum(x, 1e-12), or write div_no_nan"};
}

}  // namespace

Rule unguarded_log_or_division_rule() {
  return {.code = "DLC-L006",
          .name = "unguarded-log-or-division",
          .doc =
              "A logarithm or quotient of what is 0 for values to be expected: a norm, a standard deviation, a relu, a "
              "count of selected elements, a sigmoid.",
          .check = check_unguarded_log_or_division};
}

}  // namespace dlc::lints
