// Truth values: and, or, xor, not, select, compare.
#include "passes/simplify/families.h"
#include "passes/simplify/family_util.h"

namespace dlc::passes {
namespace {

using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

bool is_bool(const Op& op) { return op.type().dtype == kBool; }

/// Pattern: and(x, x), or(x, x) -> x
bool of_itself(Op& root, Rewriter& rw) {
  return root.operand(0) == root.operand(1) && replace_by(root, root.operand(0), rw);
}

/// Pattern: and(x, 0) -> 0; bool: and(x, true) -> x
bool and_of_constant(Op& root, Rewriter& rw) {
  for (int i = 0; i < 2; ++i) {
    const Value c = root.operand(i);
    if (is_splat(c, 0)) return replace_by(root, c, rw);
    if (is_bool(root) && is_splat(c, 1)) return replace_by(root, root.operand(1 - i), rw);
  }
  return false;
}

/// Pattern: or(x, 0) -> x; bool: or(x, true) -> true
bool or_of_constant(Op& root, Rewriter& rw) {
  for (int i = 0; i < 2; ++i) {
    const Value c = root.operand(i);
    if (is_splat(c, 0)) return replace_by(root, root.operand(1 - i), rw);
    if (is_bool(root) && is_splat(c, 1)) return replace_by(root, c, rw);
  }
  return false;
}

/// Pattern: xor(x, 0) -> x; bool: xor(x, true) -> not(x)
bool xor_of_constant(Op& root, Rewriter& rw) {
  for (int i = 0; i < 2; ++i) {
    const Value c = root.operand(i), x = root.operand(1 - i);
    if (is_splat(c, 0)) return replace_by(root, x, rw);
    if (is_bool(root) && is_splat(c, 1) && x.type() == root.type()) {
      rw.replace(root, rw.logical_not(x));
      return true;
    }
  }
  return false;
}

/// Pattern: not(not(x)) -> x
bool not_of_not(Op& root, Rewriter& rw) {
  Value x;
  return m::logical_not(m::logical_not(m::any(x))).match(root) && replace_by(root, x, rw);
}

/// Pattern: not(compare(a, b)) -> compare(a, b) of the other direction
///   [eq and ne; all directions for integers: not (a < b) holds for NaN, a >= b does not]
bool not_of_compare(Op& root, Rewriter& rw) {
  Op* compare = nullptr;
  Value a, b;
  if (!m::logical_not(m::compare(m::any(a), m::any(b)).bind(compare)).match(root)) return false;
  const std::string& direction = compare->str_attr("direction");
  const char* other = direction == "eq"   ? "ne"
                      : direction == "ne" ? "eq"
                      : direction == "lt" ? "ge"
                      : direction == "le" ? "gt"
                      : direction == "gt" ? "le"
                                          : "lt";
  const bool ordered = direction != "eq" && direction != "ne";
  if (ordered && is_float(a.dtype())) return false;
  rw.replace(root, rw.compare(other, a, b));
  return true;
}

/// Pattern: integers and bool: compare(x, x) -> true or false
bool compare_of_itself(Op& root, Rewriter& rw) {
  if (root.operand(0) != root.operand(1) || is_float(root.operand(0).dtype())) return false;
  const std::string& direction = root.str_attr("direction");
  const bool holds = direction == "eq" || direction == "le" || direction == "ge";
  rw.replace(root, rw.full(root.type(), holds ? 1 : 0));
  return true;
}

/// Pattern: select(c, x, x) -> x; select(true, x, y) -> x; select(false, x, y) -> y
bool select_of_constant(Op& root, Rewriter& rw) {
  const Value condition = root.operand(0), if_true = root.operand(1), if_false = root.operand(2);
  if (if_true == if_false || is_splat(condition, 1)) return replace_by(root, if_true, rw);
  return is_splat(condition, 0) && replace_by(root, if_false, rw);
}

/// Pattern: select(not(c), x, y) -> select(c, y, x)
bool select_of_not(Op& root, Rewriter& rw) {
  Value c, x, y;
  if (!m::select(m::logical_not(m::any(c)), m::any(x), m::any(y)).match(root) || y.type() != root.type()) return false;
  rw.replace(root, rw.select(c, y, x));
  return true;
}

/// Pattern: bool: select(c, true, false) -> c; select(c, false, true) -> not(c)
bool select_of_truth(Op& root, Rewriter& rw) {
  const Value condition = root.operand(0);
  if (!is_bool(root) || condition.type() != root.type()) return false;
  if (is_splat(root.operand(1), 1) && is_splat(root.operand(2), 0)) return replace_by(root, condition, rw);
  if (!is_splat(root.operand(1), 0) || !is_splat(root.operand(2), 1)) return false;
  rw.replace(root, rw.logical_not(condition));
  return true;
}

}  // namespace

void add_logic_patterns(PatternSet& set) {
  set.add("and-of-itself", OpKind::kAnd, of_itself);
  set.add("and-of-constant", OpKind::kAnd, and_of_constant);
  set.add("or-of-itself", OpKind::kOr, of_itself);
  set.add("or-of-constant", OpKind::kOr, or_of_constant);
  set.add("xor-of-constant", OpKind::kXor, xor_of_constant);
  set.add("not-of-not", OpKind::kNot, not_of_not);
  set.add("not-of-compare", OpKind::kNot, not_of_compare);
  set.add("compare-of-itself", OpKind::kCompare, compare_of_itself);
  set.add("select-of-constant", OpKind::kSelect, select_of_constant);
  set.add("select-of-not", OpKind::kSelect, select_of_not);
  set.add("select-of-truth", OpKind::kSelect, select_of_truth);
}

}  // namespace dlc::passes
