// What concat and stack share.
#pragma once

#include "frontend/graph/expand_context.h"

namespace dlc {

/// All of one element type and rank, and at least one.
inline void need_alike(ExpandContext& c, std::span<const ir::Value> xs) {
  if (xs.empty()) c.fail(ErrorCode::kInvalidArgument, "needs at least one value");
  for (const ir::Value& x : xs)
    if (x.dtype() != xs[0].dtype() || x.rank() != xs[0].rank())
      c.fail(ErrorCode::kInvalidShape, "values need one element type and rank, got {} and {}", xs[0].type(), x.type());
}

}  // namespace dlc
