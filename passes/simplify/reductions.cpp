// Reductions that have little or nothing to combine.
//
// Not here: merging nested max and min, whose gradient shares among ties in another way; merging or
// splitting floating sums, which changes their order; sums over axes of size 1, where -0 becomes 0.
#include <algorithm>

#include "passes/simplify/families.h"
#include "passes/simplify/family_util.h"

namespace dlc::passes {
namespace {

using ir::Ints;
using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

bool contains(const Ints& axes, int64_t axis) { return std::find(axes.begin(), axes.end(), axis) != axes.end(); }

/// Combining does not depend on order and repetition does not matter to it.
bool is_idempotent(const Op& reduce) { return !is_reduce(reduce, "sum") && !is_reduce(reduce, "prod"); }

/// Pattern: reduce(x) {axes = []} -> x
bool reduce_of_nothing(Op& root, Rewriter& rw) {
  return root.ints_attr("axes").empty() && replace_by(root, root.operand(0), rw);
}

/// Pattern: reduce(x) -> reduce(reshape(x))   [axes of size 1 are only dropped; not a floating sum]
bool reduce_of_units(Op& root, Rewriter& rw) {
  if (is_reduce(root, "sum") && is_float(root.type().dtype)) return false;
  const Value x = root.operand(0);
  ir::Dims dims;
  Ints axes;
  for (int64_t axis = 0; axis < x.rank(); ++axis) {
    const bool reduced = contains(root.ints_attr("axes"), axis);
    if (reduced && x.type().dim(axis).is(1)) continue;
    if (reduced) axes.push_back(static_cast<int64_t>(dims.size()));
    dims.push_back(x.type().dim(axis));
  }
  if (axes.size() == root.ints_attr("axes").size()) return false;
  rw.replace(root, rw.reduce(root.str_attr("kind"), rw.reshape(x, std::move(dims)), std::move(axes)));
  return true;
}

/// Pattern: reduce(reduce(x)) -> reduce(x) over the axes of both   [any, all, integer sum and prod]
bool reduce_of_reduce(Op& root, Rewriter& rw) {
  const Value inner = root.operand(0);
  if (is_float(root.type().dtype) || !inner.is(OpKind::kReduce)) return false;
  const std::string& kind = root.str_attr("kind");
  if (!is_reduce(*inner.op, kind)) return false;
  const Value x = inner.op->operand(0);
  const Ints& inner_axes = inner.op->ints_attr("axes");
  Ints axes = inner_axes;
  int64_t kept = 0;  // the axis of `inner` that axis i of x is
  for (int64_t i = 0; i < x.rank(); ++i) {
    if (contains(inner_axes, i)) continue;
    if (contains(root.ints_attr("axes"), kept)) axes.push_back(i);
    ++kept;
  }
  std::sort(axes.begin(), axes.end());
  rw.replace(root, rw.reduce(kind, x, std::move(axes)));
  return true;
}

/// Pattern: reduce(transpose(x)) -> reduce(x)   [kept axes and reduced axes each keep their order]
bool reduce_of_transpose(Op& root, Rewriter& rw) {
  Op* transpose = nullptr;
  Value x;
  if (!m::op<OpKind::kReduce>(m::transpose(m::any(x)).bind(transpose)).match(root)) return false;
  const Ints& permutation = transpose->ints_attr("permutation");
  Ints reduced, kept;
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    (contains(root.ints_attr("axes"), axis) ? reduced : kept).push_back(permutation[at(axis)]);
  if (!std::is_sorted(reduced.begin(), reduced.end()) || !std::is_sorted(kept.begin(), kept.end())) return false;
  rw.replace(root, rw.reduce(root.str_attr("kind"), x, std::move(reduced)));
  return true;
}

/// Pattern: reduce_max(broadcast(x)) -> reduce_max(broadcast(x) of fewer axes); min, any, all likewise
///   [axes that were only repeated, at least once]
bool reduce_of_repeated(Op& root, Rewriter& rw) {
  const Value broadcast = root.operand(0);
  if (!is_idempotent(root) || !broadcast.is(OpKind::kBroadcast)) return false;
  const Value x = broadcast.op->operand(0);
  const Ints& from = broadcast.op->ints_attr("axes");
  ir::Dims dims;
  Ints axes, sources;
  for (int64_t axis = 0; axis < broadcast.rank(); ++axis) {
    const ir::Dim& dim = broadcast.type().dim(axis);
    const bool reduced = contains(root.ints_attr("axes"), axis);
    const bool made = !contains(from, axis);
    if (reduced && made && (dim - 1).known_nonnegative()) continue;
    if (reduced) axes.push_back(static_cast<int64_t>(dims.size()));
    if (!made) sources.push_back(static_cast<int64_t>(dims.size()));
    dims.push_back(dim);
  }
  if (axes.size() == root.ints_attr("axes").size()) return false;
  rw.replace(root, rw.reduce(root.str_attr("kind"), rw.broadcast(x, std::move(dims), std::move(sources)), axes));
  return true;
}

/// Pattern: reduce_sum(0) -> 0; reduce_prod(1) -> 1
bool reduce_of_neutral(Op& root, Rewriter& rw) {
  const bool sum = is_reduce(root, "sum");
  if (!sum && !is_reduce(root, "prod")) return false;
  const double neutral = sum ? 0 : 1;
  if (!is_splat(root.operand(0), neutral)) return false;
  rw.replace(root, rw.full(root.type(), neutral));
  return true;
}

}  // namespace

void add_reduction_patterns(PatternSet& set) {
  set.add("reduce-of-nothing", OpKind::kReduce, reduce_of_nothing);
  set.add("reduce-of-units", OpKind::kReduce, reduce_of_units);
  set.add("reduce-of-reduce", OpKind::kReduce, reduce_of_reduce);
  set.add("reduce-of-transpose", OpKind::kReduce, reduce_of_transpose);
  set.add("reduce-of-repeated", OpKind::kReduce, reduce_of_repeated);
  set.add("reduce-of-neutral", OpKind::kReduce, reduce_of_neutral);
}

}  // namespace dlc::passes
