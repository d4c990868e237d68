#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_gather(ExpandContext& c) {
  c.need_index(1);
  c.need_rank_at_least(0, 1);
  return {
      c.b.op(ir::OpKind::kGather, {c.operand(0), c.operand(1)}, {{"axis", c.axis_attr("axis", c.operand(0).rank())}})};
}

}  // namespace

OpSpec gather_spec() {
  return {.name = "gather",
          .category = "shapes",
          .doc = "The slices of x along `axis` that `indices` names; one outside [0, size) fails the run.",
          .operands = {{"x", "rank >= 1"}, {.name = "indices", .doc = "i32 or i64", .dtype_group = -1}},
          .attrs = {default_attr("axis", int64_t{0}, "negative from the end")},
          .expand = expand_gather};
}

Tensor gather(const TensorArg& x, const TensorArg& indices, int64_t axis, std::string_view name) {
  return apply("gather", {x, indices}, {{"axis", axis}}, name);
}

}  // namespace dlc
