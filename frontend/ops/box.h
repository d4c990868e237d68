// What the operators that cut boxes out of a tensor share.
#pragma once

#include "frontend/graph/expand_context.h"

namespace dlc {

/// All of x; the caller narrows axes.
struct Box {
  ir::Dims start, limit;
  ir::Ints strides;
  explicit Box(ir::Value x) : start(x.dims().size(), 0), limit(x.dims()), strides(x.dims().size(), 1) {}
};

ir::Value take(ExpandContext& c, ir::Value x, Box box);
/// The one element at `index` along `axis`, which stays with size 1; negative counts from the end.
void narrow_to(ExpandContext& c, ir::Value x, size_t axis, int64_t index, Box& box);
/// What lies between `from` and `to` along `axis`.
ir::Value part_along(ExpandContext& c, ir::Value x, int64_t axis, const ir::Dim& from, const ir::Dim& to);

}  // namespace dlc
