#include "frontend/ops/norms.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_clip_by_global_norm(ExpandContext& c) {
  const Value norm = expansions::global_norm(c, c.list(0));
  const Value limit = expansions::limit_operand(c, 1, norm.dtype());
  const Value scale = c.b.div(limit, c.b.max(norm, limit));
  std::vector<Value> out;
  for (const Value& x : c.list(0)) out.push_back(c.b.mul(x, c.b.broadcast_to(scale, x.dims())));
  out.push_back(norm);
  return out;
}

}  // namespace

OpSpec clip_by_global_norm_spec() {
  return {
      .name = "clip_by_global_norm",
      .category = "training",
      .doc = "All scaled by one number, so that their global norm is at most clip_norm; then that norm from before.",
      .operands = {{.name = "xs", .doc = "f32 or f64, one element type", .variadic = true},
                   {"clip_norm", "rank 0, > 0"}},
      .expand = expand_clip_by_global_norm};
}

Clipped clip_by_global_norm(const std::vector<Tensor>& xs, const TensorArg& clip_norm, std::string_view name) {
  std::vector<Tensor> out =
      apply_op("clip_by_global_norm", {OperandArg(xs, clip_norm.source_location()), clip_norm}, {}, name).outputs();
  const Tensor norm = out.back();
  out.pop_back();
  return {std::move(out), norm};
}

}  // namespace dlc
