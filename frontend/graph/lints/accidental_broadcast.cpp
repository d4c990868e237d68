#include "frontend/graph/lints/rule.h"

namespace dlc::lints {

namespace {

/// Whether an operand is stretched to `size` along axis `axis` of the result.
bool stretched(const ir::Dims& dims, const ir::Dims& result, size_t axis) {
  const size_t missing = result.size() - dims.size();
  return axis < missing || !(dims[axis - missing] == result[axis]);
}

const ir::Dims& dims_of(Port p) { return type_of(p).dims; }

/// [n] and [n,1] make [n,n]: each is stretched along an axis of the same size, and their ranks differ.
/// Who means all pairs writes expand_dims, gives both the same rank, or takes both from one value.
bool makes_pairs(const Node& node) {
  const Port x = input(node, 0), y = input(node, 1);
  const ir::Dims &a = dims_of(x), &b = dims_of(y), &out = node.types[0].dims;
  if (a.size() == b.size() || x.node->is("expand_dims") || y.node->is("expand_dims")) return false;
  if (same_value(source_of(x), source_of(y))) return false;
  for (size_t i = 0; i < out.size(); ++i)
    for (size_t j = 0; j < out.size(); ++j)
      if (stretched(a, out, i) && !stretched(b, out, i) && stretched(b, out, j) && !stretched(a, out, j) &&
          out[i] == out[j])
        return true;
  return false;
}

/// Operators of which tables of all pairs are common: outer products, kernels, ranks. With them, a reshape says that
/// the table is meant, and a variable of rank 1 has features and not examples.
bool tables_are_common(const Node& node) {
  return !is_one_of(node, {"subtract", "squared_difference", "equal", "not_equal"});
}
bool is_meant_as_axis(Port p) {
  return is_one_of(*p.node, {"reshape", "broadcast_to"}) || maker_of(p).is(OpRole::kVariable);
}

bool reduces_all(const Node& reduction) {
  const ir::Dims& left = reduction.types[0].dims;
  return std::all_of(left.begin(), left.end(), [](const ir::Dim& d) { return d.is_constant() && d.constant() == 1; });
}

bool is_elementwise(const Node& node) {
  constexpr std::string_view kOthers[] = {"sources",        "state",      "training", "initialisers",  "shapes",
                                          "linear algebra", "reductions", "losses",   "random numbers"};
  return std::find(std::begin(kOthers), std::end(kOthers), node.spec->category) == std::end(kOthers);
}

/// Whether the value has these sizes other than by broadcasts of fewer elements: a matrix product, say, or a feed.
bool is_table(Port p, const ir::Dims& dims, int depth = 0) {
  constexpr int kDeepest = 6;
  if (dims_of(p) != dims) return false;
  if (depth == kDeepest || p.node->inputs.empty() || !is_elementwise(*p.node)) return true;
  return std::any_of(p.node->inputs.begin(), p.node->inputs.end(),
                     [&](Port x) { return is_table(x, dims, depth + 1); });
}

/// Whether the user puts the table element by element together with one that is meant: distances, a mask of pairs.
bool meets_a_table(const Node& user, const Node& table) {
  return std::any_of(user.inputs.begin(), user.inputs.end(),
                     [&](Port p) { return p.node != &table && is_table(p, table.types[0].dims); });
}

/// The reduction that the value goes into, element by element until then. `table` demands that it is of all elements
/// at once, and that until then none joins that is a table without the broadcast.
const Node* reduction_of(const LintContext& c, const Node& node, bool table, int depth = 0) {
  constexpr int kMostSteps = 8;
  for (const Node* user : c.users_of(node)) {
    if (user->spec->category == "reductions" || is_one_of(*user, {"l2_loss", "global_norm"})) {
      if (!table || reduces_all(*user)) return user;
      continue;
    }
    const bool same_dims = user->types.size() == 1 && user->types[0].dims == node.types[0].dims;
    if (!same_dims || depth == kMostSteps || (table && meets_a_table(*user, node))) continue;
    if (const Node* found = reduction_of(c, *user, table, depth + 1)) return found;
  }
  return nullptr;
}

std::optional<Finding> check_accidental_broadcast(const LintContext& c, const Node& node) {
  if (!is_one_of(node, {"subtract", "squared_difference", "equal", "not_equal", "add", "multiply", "divide",
                        "div_no_nan", "maximum", "minimum", "less", "less_equal", "greater", "greater_equal"}) ||
      !makes_pairs(node))
    return {};
  const bool table = tables_are_common(node);
  if (table && (is_meant_as_axis(input(node, 0)) || is_meant_as_axis(input(node, 1)))) return {};
  const Node* reduction = reduction_of(c, node, table);
  if (!reduction) return {};
  const auto shown = [](Port p) { return fmt::format("'{}' {}", port_name(p), type_of(p)); };
  return Finding{fmt::format("{} '{}' of {} and {} is {}, every element with every other, and '{}' combines them all",
                             node.spec->name, node.name, shown(input(node, 0)), shown(input(node, 1)), node.types[0],
                             reduction->name),
                 "give both one rank: squeeze(..., -1) the one, or expand_dims(..., -1) the other"};
}

}  // namespace

Rule accidental_broadcast_rule() {
  return {.code = "DLC-L005",
          .name = "accidental-broadcast",
          .doc =
              "A difference, product, sum or comparison of [n] with [n,1], which has n * n elements, that goes into a "
              "reduction: a mean over all pairs instead of over the examples.",
          .check = check_accidental_broadcast};
}

}  // namespace dlc::lints
