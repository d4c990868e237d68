#include "frontend/graph/lints/rule.h"

namespace dlc::lints {

namespace {

/// source_of, also through operators that pick elements or repeat them.
Port picked_from(Port port) {
  while (true) {
    port = source_of(port);
    if (!is_one_of(*port.node, {"slice", "strided_slice", "index", "gather", "split", "unstack", "tile", "broadcast_to",
                                "reverse"}))
      return port;
    port = port.node->inputs[0];
  }
}

/// How deep the walks below go into a graph; beyond, they keep silent.
constexpr int kDeepest = 6;

/// Whether no sum of these elements is 0 but by underflow, or it is for their author to know: constants.
bool is_positive(Port port, int depth = 0) {
  if (depth == kDeepest) return true;
  const Node& node = *picked_from(port).node;
  const auto positive = [&](int i) { return is_positive(input(node, i), depth + 1); };
  if (const std::optional<double> x = number(node)) return *x > 0;
  if (is_one_of(node, {"constant", "exp", "softmax", "sigmoid", "softplus", "cosh", "ones", "ones_like", "eye", "range",
                       "size", "shape"}))
    return true;
  if (node.is("random_uniform")) return *node.find_attr<double>("minval") >= 0;
  // What is added or taken as the least is a guard.
  if (is_one_of(node, {"add", "maximum"})) return positive(0) || positive(1);
  if (node.is("clip_by_value")) return positive(1);
  if (node.is("where")) return positive(1) && positive(2);
  if (is_one_of(node, {"multiply", "divide", "minimum", "matmul"})) return positive(0) && positive(1);
  return is_one_of(node, {"square", "sqrt", "rsqrt", "cbrt", "pow", "abs", "relu", "reciprocal", "log1p", "reduce_sum",
                          "reduce_mean", "reduce_max", "reduce_min", "reduce_prod", "cumsum"}) &&
         positive(0);
}

/// Whether a node gives 0 for values that are to be expected: all zeros, all equal, none selected.
bool may_be_zero(const Node& node) {
  if (is_one_of(node, {"relu", "relu6", "abs", "norm", "global_norm", "l2_loss", "reduce_std", "reduce_variance"}))
    return true;
  if (squared(node)) return true;
  if (node.is("sqrt")) return may_be_zero(maker_of(input(node, 0)));
  if (node.is("subtract")) {
    const Node &largest = maker_of(input(node, 0)), &smallest = maker_of(input(node, 1));
    return largest.is("reduce_max") && smallest.is("reduce_min") && same_value(input(largest, 0), input(smallest, 0));
  }
  if (!is_one_of(node, {"reduce_sum", "reduce_mean", "reduce_max"})) return false;
  // The number of elements that a mask selects, or a sum of what may be zero.
  const Port summed = input(node, 0);
  const Node& maker = *summed.node;
  if (maker.is("cast") && type_of(input(maker, 0)).dtype == kBool) return true;
  return may_be_zero(maker_of(summed));
}

/// Whether `weights` are a factor of `total`, which may be a sum.
bool weighted_by(Port total, Port weights, int depth = 0) {
  const Port from = source_of(total);
  if (same_value(from, weights)) return true;
  if (depth == kDeepest) return false;
  const auto through = [&](int i) { return weighted_by(input(*from.node, i), weights, depth + 1); };
  if (is_one_of(*from.node, {"multiply", "matmul"})) return through(0) || through(1);
  return is_one_of(*from.node, {"reduce_sum", "reduce_mean"}) && through(0);
}

/// x / reduce_sum(x) and reduce_sum(x * w) / reduce_sum(w), whose weights are to sum up to 1 and may all be 0.
bool divides_by_its_weights(const Node& node) {
  if (!node.is("divide")) return false;
  const Node& total = maker_of(input(node, 1));
  if (!is_one_of(total, {"reduce_sum", "reduce_mean"})) return false;
  return weighted_by(input(node, 0), source_of(input(total, 0)));
}

bool is_softmax(const Node& node) { return node.is("softmax") || written_out_softmax(node); }

/// A probability underflows to 0, or 1 minus it does. log(softmax(z)) is rewritten as log_softmax(z).
bool is_probability(const Node& node) {
  if (node.is("sigmoid")) return true;
  if (node.is("subtract") && number(*input(node, 0).node) == 1) {
    const Node& p = maker_of(input(node, 1));
    return p.is("sigmoid") || is_softmax(p);
  }
  return node.is("random_uniform") && *node.find_attr<double>("minval") == 0;
}

/// Elements of a softmax, picked from it or selected by a mask: log(softmax(z)) is not recognised in them.
bool is_picked_probability(Port port) {
  const Node &maker = maker_of(port), &picked = *picked_from(port).node;
  if (&picked != &maker) return is_softmax(picked) || is_probability(picked);
  if (!maker.is("reduce_sum")) return false;
  const Node& product = maker_of(input(maker, 0));
  if (!product.is("multiply")) return false;
  // A mean with weights that are positive is as large as the least of what it is of.
  for (int i = 0; i < 2; ++i) {
    const Node& p = *picked_from(input(product, i)).node;
    if ((is_softmax(p) || p.is("sigmoid")) && !is_positive(input(product, 1 - i))) return true;
  }
  return false;
}

/// The operand of a division, pow with a negative exponent included.
std::optional<Port> divisor(const Node& node) {
  if (node.is("divide")) return input(node, 1);
  if (is_one_of(node, {"reciprocal", "rsqrt"})) return input(node, 0);
  if (node.is("pow") && number(*input(node, 1).node).value_or(0) < 0) return input(node, 0);
  return {};
}

std::optional<Finding> check_unguarded_log_or_division(const LintContext&, const Node& node) {
  const bool log = node.is("log");
  const std::optional<Port> operand = log ? std::optional(input(node, 0)) : divisor(node);
  if (!operand || !is_float(type_of(*operand).dtype)) return {};
  const Port at = *operand;
  const Node& maker = maker_of(at);
  const bool probability = log && is_probability(maker), picked = log && is_picked_probability(at);
  const bool zero = (may_be_zero(maker) || divides_by_its_weights(node)) && !is_positive(at);
  if (!probability && !picked && !zero) return {};
  const std::string what =
      fmt::format("{} '{}' of '{}', made by {}", node.spec->name, node.name, port_name(at), described(maker));
  if (maker.is("random_uniform"))
    return Finding{what + ": it draws 0 now and then, whose logarithm is -inf", "draw from a small positive minval on"};
  if (picked)
    return Finding{what + ": a probability underflows to 0, whose logarithm is -inf and has a gradient of NaN",
                   "log_softmax(z) is exact: pick or sum its elements; as a loss, "
                   "sparse_softmax_cross_entropy_with_logits"};
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
              "count of selected elements, a range, a sum of weights, a probability.",
          .check = check_unguarded_log_or_division};
}

}  // namespace dlc::lints
