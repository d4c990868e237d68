// Transposes around dot_general become its dimension numbers: kernels read operands in any layout,
// but a transpose is a pass over memory.
#include <algorithm>

#include "passes/simplify/families.h"
#include "passes/simplify/family_util.h"

namespace dlc::passes {
namespace {

using ir::AttrMap;
using ir::Ints;
using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

Ints free_axes(const Op& dot, const std::string& side, int64_t rank) {
  const Ints &batch = dot.ints_attr(side + "_batch"), &contract = dot.ints_attr(side + "_contract");
  Ints axes;
  for (int64_t i = 0; i < rank; ++i)
    if (std::find(batch.begin(), batch.end(), i) == batch.end() &&
        std::find(contract.begin(), contract.end(), i) == contract.end())
      axes.push_back(i);
  return axes;
}

Ints mapped(const Ints& axes, const Ints& permutation) {
  Ints out;
  for (const int64_t axis : axes) out.push_back(permutation[at(axis)]);
  return out;
}

/// Pattern: dot_general(transpose(a), b) -> dot_general(a, b); the same on the right
///   [the free axes keep their order; the contracted ones are paired and summed as before]
bool dot_of_transpose(Op& root, Rewriter& rw) {
  for (int i = 0; i < 2; ++i) {
    const Value operand = root.operand(i);
    if (!operand.is(OpKind::kTranspose)) continue;
    const std::string side = i == 0 ? "lhs" : "rhs";
    const Ints& permutation = operand.op->ints_attr("permutation");
    const Ints free = mapped(free_axes(root, side, operand.rank()), permutation);
    if (!std::is_sorted(free.begin(), free.end())) continue;
    AttrMap attrs = root.attrs();
    attrs[side + "_batch"] = mapped(root.ints_attr(side + "_batch"), permutation);
    attrs[side + "_contract"] = mapped(root.ints_attr(side + "_contract"), permutation);
    const Value x = operand.op->operand(0);
    rw.replace(root, i == 0 ? rw.op(OpKind::kDotGeneral, {x, root.operand(1)}, std::move(attrs))
                            : rw.op(OpKind::kDotGeneral, {root.operand(0), x}, std::move(attrs)));
    return true;
  }
  return false;
}

/// Pattern: transpose(dot_general(a, b)) -> dot_general(b, a)
///   [the transpose exchanges the free axes of a and of b; it alone reads the product]
/// Products commute and are summed in the same order, so the bits are the same. Gradients of
/// weights are such: (dy^T x)^T.
bool transpose_of_dot(Op& root, Rewriter& rw) {
  const Value product = root.operand(0);
  if (!product.is(OpKind::kDotGeneral) || !has_single_use(product)) return false;
  const Op& dot = *product.op;
  const Value lhs = dot.operand(0), rhs = dot.operand(1);
  const auto num_batch = static_cast<int64_t>(dot.ints_attr("lhs_batch").size());
  const auto num_lhs = static_cast<int64_t>(free_axes(dot, "lhs", lhs.rank()).size());
  Ints exchanged;
  for (int64_t i = 0; i < num_batch; ++i) exchanged.push_back(i);
  for (int64_t i = num_batch + num_lhs; i < product.rank(); ++i) exchanged.push_back(i);
  for (int64_t i = 0; i < num_lhs; ++i) exchanged.push_back(num_batch + i);
  if (root.ints_attr("permutation") != exchanged) return false;
  for (int64_t i = 0; i < num_batch; ++i) {
    const int64_t in_lhs = dot.ints_attr("lhs_batch")[at(i)], in_rhs = dot.ints_attr("rhs_batch")[at(i)];
    if (!(lhs.type().dim(in_lhs) == rhs.type().dim(in_rhs))) return false;
  }
  rw.replace(root, rw.dot_general(rhs, lhs, dot.ints_attr("rhs_batch"), dot.ints_attr("lhs_batch"),
                                  dot.ints_attr("rhs_contract"), dot.ints_attr("lhs_contract")));
  return true;
}

/// Pattern: gather(x, iota) -> x   [all of the axis, in order]
bool gather_of_all(Op& root, Rewriter& rw) {
  const Value x = root.operand(0), indices = root.operand(1);
  const bool counts = indices.is(OpKind::kIota) && indices.rank() == 1;
  return counts && indices.type().dim(0) == x.type().dim(root.int_attr("axis")) && replace_by(root, x, rw);
}

}  // namespace

void add_contraction_patterns(PatternSet& set) {
  set.add("dot-of-transpose", OpKind::kDotGeneral, dot_of_transpose);
  set.add("transpose-of-dot", OpKind::kTranspose, transpose_of_dot);
  set.add("gather-of-all", OpKind::kGather, gather_of_all);
}

}  // namespace dlc::passes
