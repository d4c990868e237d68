// What the operators that clip by norms share.
#pragma once

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/nn.h"

namespace dlc::expansions {

/// sqrt(x) of a sum of squares, with gradient 0 where that is 0 (of the slopes there, the smallest).
ir::Value root_of_squares(ir::Builder& b, ir::Value x);
/// The root of the sum of the squares of all elements of all; fails for none.
ir::Value global_norm(ExpandContext& c, std::span<const ir::Value> xs);
/// Operand `i`: rank 0, of element type `dtype`; a constant must be > 0.
ir::Value limit_operand(ExpandContext& c, int i, DType dtype);

}  // namespace dlc::expansions
