// What reductions share: their attributes, and sums and means as other operators' expansions use them.
#pragma once

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/reductions.h"

namespace dlc {

/// The attributes `axis` and `keepdims`.
OpSpec reduce_spec(const char* name, const char* doc, OpSpec::Expand expand);
ir::AttrMap reduce_attrs(const Axes& axis, bool keepdims);

namespace expansions {

/// The number of elements along `axes`, as a floating or integer scalar of `dtype`.
ir::Value count_along(ir::Builder& b, const ir::Dims& dims, const ir::Ints& axes, DType dtype);
ir::Value reduce_mean(ir::Builder& b, ir::Value x, const ir::Ints& axes);
/// Puts size-1 axes back where `axes` of x were reduced.
ir::Value keep_axes(ir::Builder& b, ir::Value reduced, const ir::Dims& dims_of_x, const ir::Ints& axes);
/// mean((x - mean)^2), given mean(x).
ir::Value reduce_variance(ir::Builder& b, ir::Value x, ir::Value mean, const ir::Ints& axes);
/// Of all elements.
ir::Value sum_of_squares(ir::Builder& b, ir::Value x);

}  // namespace expansions

/// What a reduction does; the axes are dropped.
using ReduceRule = ir::Value (*)(ExpandContext&, ir::Value x, const ir::Ints& axes);

template <ReduceRule rule>
std::vector<ir::Value> expand_reduce(ExpandContext& c) {
  const ir::Value x = c.operand(0);
  const ir::Ints axes = c.axes_attr("axis", x.rank());
  const ir::Value y = rule(c, x, axes);
  return {c.bool_attr("keepdims") ? expansions::keep_axes(c.b, y, x.dims(), axes) : y};
}

}  // namespace dlc
