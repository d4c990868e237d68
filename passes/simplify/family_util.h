// What the pattern families share.
#pragma once

#include "ir/op_def.h"
#include "ir/rewriter.h"
#include "passes/pattern.h"
#include "passes/pattern_set.h"

namespace dlc::passes {

/// Replaces the root's only result by `v` when their types are spelt alike; false, and no change,
/// when they are only required to be equal.
inline bool replace_by(ir::Op& root, ir::Value v, ir::Rewriter& rw) {
  if (v.type() != root.type()) return false;
  rw.replace(root, v);
  return true;
}

/// The value of rank 0 that `v` repeats, through any chain of broadcasts and reshapes; empty if `v`
/// is none of those.
inline ir::Value repeated_scalar(ir::Value v) {
  while (v.rank() > 0 && (v.is(ir::OpKind::kBroadcast) || v.is(ir::OpKind::kReshape))) v = v.op->operand(0);
  return v.rank() == 0 ? v : ir::Value();
}

}  // namespace dlc::passes
