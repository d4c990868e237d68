#include "frontend/graph/lints/rule.h"

namespace dlc::lints {

namespace {

/// Whether an operand is stretched to `size` along axis `axis` of the result.
bool stretched(const ir::Dims& dims, const ir::Dims& result, size_t axis) {
  const size_t missing = result.size() - dims.size();
  return axis < missing || !(dims[axis - missing] == result[axis]);
}

/// [n] and [n,1] make [n,n]: each is stretched along an axis of the same size, and their ranks differ.
/// Who means all pairs writes expand_dims, or gives both the same rank.
bool makes_pairs(const Node& node) {
  const Port x = input(node, 0), y = input(node, 1);
  const auto dims_of = [](Port p) -> const ir::Dims& { return p.node->types[static_cast<size_t>(p.index)].dims; };
  const ir::Dims &a = dims_of(x), &b = dims_of(y), &out = node.types[0].dims;
  if (a.size() == b.size() || x.node->is("expand_dims") || y.node->is("expand_dims")) return false;
  for (size_t i = 0; i < out.size(); ++i)
    for (size_t j = 0; j < out.size(); ++j)
      if (stretched(a, out, i) && !stretched(b, out, i) && stretched(b, out, j) && !stretched(a, out, j) &&
          out[i] == out[j])
        return true;
  return false;
}

/// The reduction that the value goes into, element by element until then.
const Node* reduction_of(const LintContext& c, const Node& node, int depth = 0) {
  constexpr int kMostSteps = 8;
  for (const Node* user : c.users_of(node)) {
    if (user->spec->category == "reductions" || user->is("l2_loss")) return user;
    const bool same_dims = user->types.size() == 1 && user->types[0].dims == node.types[0].dims;
    if (!same_dims || depth == kMostSteps) continue;
    if (const Node* found = reduction_of(c, *user, depth + 1)) return found;
  }
  return nullptr;
}

std::optional<Finding> check_accidental_broadcast(const LintContext& c, const Node& node) {
  if (!is_one_of(node, {"subtract", "squared_difference", "equal", "not_equal"}) || !makes_pairs(node)) return {};
  const Node* reduction = reduction_of(c, node);
  if (!reduction) return {};
  const auto shown = [](Port p) {
    return fmt::format("'{}' {}", port_name(p), p.node->types[static_cast<size_t>(p.index)]);
  };
  return Finding{fmt::format("{} '{}' of {} and {} is {}, every element with every other, and '{}' combines them all",
                             node.spec->name, node.name, shown(input(node, 0)), shown(input(node, 1)), node.types[0],
                             reduction->name),
                 "give both one rank: squeeze(..., -1) the one, or expand_dims(..., -1) the other"};
}

}  // namespace

Rule accidental_broadcast_rule() {
  return {
      .code = "DLC-L005",
      .name = "accidental-broadcast",
      .doc =
          "A difference or comparison of [n] with [n,1], which has n * n elements, that goes into a reduction: a mean "
          "over all pairs instead of over the examples.",
      .check = check_accidental_broadcast};
}

}  // namespace dlc::lints
