#include "frontend/ops/norms.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_clip_by_norm(ExpandContext& c) {
  c.need_float(0);
  const Value x = c.operand(0), limit = expansions::limit_operand(c, 1, x.dtype());
  const ir::Ints axes = c.axes_attr("axis", x.rank());
  const Value norm = expansions::root_of_squares(c.b, c.b.reduce_sum(c.b.mul(x, x), axes));
  const Value bound = c.b.broadcast_to(limit, norm.dims());
  const Value scale = c.b.div(bound, c.b.max(norm, bound));
  return {c.b.mul(x, c.b.unreduce(scale, x.dims(), axes))};
}

}  // namespace

OpSpec clip_by_norm_spec() {
  return {.name = "clip_by_norm",
          .category = "training",
          .doc = "x, scaled down to norm clip_norm where its norm over `axis` is larger.",
          .operands = {{"x", "f32 or f64"}, {"clip_norm", "rank 0, > 0"}},
          .attrs = {optional_attr("axis", ir::Ints{}, "absent: all")},
          .expand = expand_clip_by_norm};
}

Tensor clip_by_norm(const TensorArg& x, const TensorArg& clip_norm, const Axes& axis, std::string_view name) {
  return apply("clip_by_norm", {x, clip_norm}, axis_attrs(axis), name);
}

}  // namespace dlc
