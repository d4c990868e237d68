// What the pattern families share.
#pragma once

#include "ir/op_def.h"
#include "ir/rewriter.h"
#include "passes/pattern.h"
#include "passes/pattern_set.h"

namespace dlc::passes {

/// An axis as an index.
inline size_t at(int64_t axis) { return static_cast<size_t>(axis); }

/// Replaces the root's only result by `v` when their types are spelt alike; false, and no change,
/// when they are only required to be equal.
inline bool replace_by(ir::Op& root, ir::Value v, ir::Rewriter& rw) {
  if (v.type() != root.type()) return false;
  rw.replace(root, v);
  return true;
}

/// Element-wise ops that may trade places with shape operators. Not pin and override: they mark the
/// very value that gradients are asked for; nor check_numerics, which names an element of what the user wrote.
inline bool is_free_elementwise(ir::OpKind kind) {
  return op_def(kind).fusion == ir::FusionKind::kElementwise && kind != ir::OpKind::kPin &&
         kind != ir::OpKind::kOverride && kind != ir::OpKind::kRngBits && kind != ir::OpKind::kCheckNumerics;
}

}  // namespace dlc::passes
