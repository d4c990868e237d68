// Chains of reshape, transpose and broadcast. All of these only move bits.
#include <algorithm>
#include <numeric>

#include "passes/simplify/families.h"
#include "passes/simplify/family_util.h"

namespace dlc::passes {
namespace {

using ir::Dim;
using ir::Dims;
using ir::Ints;
using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

/// Pattern: reshape(x) -> x   [to the dims of x]
bool reshape_to_itself(Op& root, Rewriter& rw) { return replace_by(root, root.operand(0), rw); }

/// Pattern: reshape(reshape(x)) -> reshape(x)
bool reshape_of_reshape(Op& root, Rewriter& rw) {
  Value x;
  if (!m::reshape(m::reshape(m::any(x))).match(root)) return false;
  rw.replace(root, rw.reshape(x, root.type().dims));
  return true;
}

/// Pattern: reshape(broadcast(s)) -> broadcast(s)   [s of rank 0]
bool reshape_of_scalar(Op& root, Rewriter& rw) {
  const Value broadcast = root.operand(0);
  if (!broadcast.is(OpKind::kBroadcast) || broadcast.op->operand(0).rank() != 0) return false;
  rw.replace(root, rw.broadcast(broadcast.op->operand(0), root.type().dims, {}));
  return true;
}

/// Pattern: reshape(c) -> c of the other shape   [a constant: its elements are not copied]
bool reshape_of_constant(Op& root, Rewriter& rw) {
  const Value x = root.operand(0);
  if (!x.is(OpKind::kConstant) || !root.type().is_static()) return false;
  rw.replace(root, rw.constant(x.op->attr<Array>("value").reshaped(root.type().shape())));
  return true;
}

/// Pattern: transpose(x) -> x   [no axis moves]
bool transpose_in_order(Op& root, Rewriter& rw) {
  const Ints& permutation = root.ints_attr("permutation");
  return std::is_sorted(permutation.begin(), permutation.end()) && replace_by(root, root.operand(0), rw);
}

/// Pattern: transpose(transpose(x)) -> transpose(x)
bool transpose_of_transpose(Op& root, Rewriter& rw) {
  Op* inner = nullptr;
  Value x;
  if (!m::transpose(m::transpose(m::any(x)).bind(inner)).match(root)) return false;
  Ints permutation;
  for (const int64_t axis : root.ints_attr("permutation"))
    permutation.push_back(inner->ints_attr("permutation")[at(axis)]);
  rw.replace(root, rw.transpose(x, std::move(permutation)));
  return true;
}

/// Pattern: transpose(x) -> reshape(x)   [the axes that are not 1 keep their order]
bool transpose_of_units(Op& root, Rewriter& rw) {
  const Value x = root.operand(0);
  int64_t last = -1;
  for (const int64_t axis : root.ints_attr("permutation")) {
    if (x.type().dim(axis).is(1)) continue;
    if (axis < last) return false;
    last = axis;
  }
  rw.replace(root, rw.reshape(x, root.type().dims));
  return true;
}

/// Pattern: broadcast(x) -> x   [to the dims of x]
bool broadcast_to_itself(Op& root, Rewriter& rw) { return replace_by(root, root.operand(0), rw); }

/// Pattern: broadcast(broadcast(x)) -> broadcast(x)
bool broadcast_of_broadcast(Op& root, Rewriter& rw) {
  Op* inner = nullptr;
  Value x;
  if (!m::broadcast(m::broadcast(m::any(x)).bind(inner)).match(root)) return false;
  Ints axes;
  for (const int64_t axis : inner->ints_attr("axes")) axes.push_back(root.ints_attr("axes")[at(axis)]);
  rw.replace(root, rw.broadcast(x, root.type().dims, std::move(axes)));
  return true;
}

/// Pattern: broadcast(x) -> reshape(x)   [it only adds axes of size 1]
bool broadcast_of_units(Op& root, Rewriter& rw) {
  const Value x = root.operand(0);
  if (x.rank() == root.type().rank()) return false;
  Dims others = root.type().dims;
  for (int64_t i = 0; i < x.rank(); ++i) {
    Dim& to = others[at(root.ints_attr("axes")[at(i)])];
    if (!(to == x.type().dim(i))) return false;
    to = 1;
  }
  if (!ir::product(others).is(1)) return false;
  rw.replace(root, rw.reshape(x, root.type().dims));
  return true;
}

/// Pattern: broadcast(reshape(x)) -> broadcast(x)   [the reshape only adds or removes axes of size 1]
bool broadcast_of_reshape(Op& root, Rewriter& rw) {
  Op* reshape = nullptr;
  Value x;
  if (!m::broadcast(m::reshape(m::any(x)).bind(reshape)).match(root)) return false;
  // Axes of x that are not 1 find their partners, in order, among those of the reshape that are not.
  const Ints& axes = root.ints_attr("axes");
  Ints composed;
  int64_t next = 0;
  const auto skip_units = [&] {
    while (next < reshape->type().rank() && reshape->type().dim(next).is(1)) ++next;
  };
  Dims kept;
  for (const Dim& d : x.dims()) {
    if (d.is(1)) continue;
    skip_units();
    if (next == reshape->type().rank() || !(reshape->type().dim(next) == d)) return false;
    composed.push_back(axes[at(next++)]);
    kept.push_back(d);
  }
  skip_units();
  if (next != reshape->type().rank()) return false;
  // The axes of size 1 of x go, so that nothing is asked of their places.
  if (kept.size() == reshape->type().dims.size()) return false;  // it was removed already: no progress
  rw.replace(root, rw.broadcast(rw.reshape(x, kept), root.type().dims, std::move(composed)));
  return true;
}

/// Pattern: transpose(broadcast(x)) -> broadcast(transpose(x))
/// The smaller tensor is transposed; of a scalar, a row or a column nothing is left to do.
bool transpose_of_broadcast(Op& root, Rewriter& rw) {
  Op* broadcast = nullptr;
  Value x;
  if (!m::transpose(m::broadcast(m::any(x)).bind(broadcast)).match(root)) return false;
  const Ints& permutation = root.ints_attr("permutation");
  Ints axes;  // where the axes of x end up
  for (const int64_t axis : broadcast->ints_attr("axes"))
    axes.push_back(std::find(permutation.begin(), permutation.end(), axis) - permutation.begin());
  Ints order(axes.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return axes[at(a)] < axes[at(b)]; });
  std::sort(axes.begin(), axes.end());
  rw.replace(root, rw.broadcast(rw.transpose(x, std::move(order)), root.type().dims, std::move(axes)));
  return true;
}

}  // namespace

void add_shape_patterns(PatternSet& set) {
  set.add("reshape-to-itself", OpKind::kReshape, reshape_to_itself);
  set.add("reshape-of-reshape", OpKind::kReshape, reshape_of_reshape);
  set.add("reshape-of-scalar", OpKind::kReshape, reshape_of_scalar);
  set.add("reshape-of-constant", OpKind::kReshape, reshape_of_constant);
  set.add("transpose-in-order", OpKind::kTranspose, transpose_in_order);
  set.add("transpose-of-transpose", OpKind::kTranspose, transpose_of_transpose);
  set.add("transpose-of-units", OpKind::kTranspose, transpose_of_units);
  set.add("transpose-of-broadcast", OpKind::kTranspose, transpose_of_broadcast);
  set.add("broadcast-to-itself", OpKind::kBroadcast, broadcast_to_itself);
  set.add("broadcast-of-broadcast", OpKind::kBroadcast, broadcast_of_broadcast);
  set.add("broadcast-of-units", OpKind::kBroadcast, broadcast_of_units);
  set.add("broadcast-of-reshape", OpKind::kBroadcast, broadcast_of_reshape);
}

}  // namespace dlc::passes
