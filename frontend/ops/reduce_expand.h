// Reductions as other operators' expansions use them.
#pragma once

#include "frontend/graph/expand_context.h"

namespace dlc::expansions {

/// The number of elements along `axes`, as a floating or integer scalar of `dtype`.
ir::Value count_along(ir::Builder& b, const ir::Dims& dims, const ir::Ints& axes, DType dtype);
ir::Value reduce_mean(ir::Builder& b, ir::Value x, const ir::Ints& axes);
/// Puts size-1 axes back where `axes` of x were reduced.
ir::Value keep_axes(ir::Builder& b, ir::Value reduced, const ir::Dims& dims_of_x, const ir::Ints& axes);
/// mean((x - mean)^2), given mean(x).
ir::Value reduce_variance(ir::Builder& b, ir::Value x, ir::Value mean, const ir::Ints& axes);

}  // namespace dlc::expansions
