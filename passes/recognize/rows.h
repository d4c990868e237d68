// Rows of a tensor along an axis, as patterns of recognition see them.
#pragma once

#include <cstdint>

#include "ir/op.h"

namespace dlc::passes {

/// `v` without stop_gradient around it.
ir::Value through_stops(ir::Value v);

/// `v` repeats, along `axes`, a value that lacks them: returns that value, or an empty one. What
/// Builder::unreduce makes; stop_gradient may stand before or behind.
ir::Value repeated_along(ir::Value v, const ir::Ints& axes);

/// `v` is reduce `kind` of `x` over exactly `axes`.
bool is_reduction_of(ir::Value v, const char* kind, ir::Value x, const ir::Ints& axes);

/// u is x - max(x, axes), repeated, or that with max replaced by 0 where it is not finite: returns
/// x. Else an empty value.
ir::Value without_max(ir::Value u, const ir::Ints& axes);

}  // namespace dlc::passes
