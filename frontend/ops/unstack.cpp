#include "frontend/graph/make_node.h"
#include "frontend/ops/box.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_unstack(ExpandContext& c) {
  c.need_rank_at_least(0, 1);
  const Value x = c.operand(0);
  const int64_t axis = c.axis_attr("axis", x.rank());
  const ir::Dim& n = x.type().dim(axis);
  if (!n.is_constant())
    c.fail(ErrorCode::kInvalidShape, "axis {} of {} needs a size that is a number: it says how many results there are",
           axis, x.type());
  std::vector<Value> out;
  for (int64_t i = 0; i < n.constant(); ++i) {
    ir::Dims dims = x.dims();
    dims.erase(dims.begin() + axis);
    out.push_back(c.b.reshape(part_along(c, x, axis, i, i + 1), std::move(dims)));
  }
  return out;
}

}  // namespace

OpSpec unstack_spec() {
  return {.name = "unstack",
          .category = "shapes",
          .doc = "The slices along an axis, which vanishes.",
          .operands = {{"x", "rank >= 1"}},
          .attrs = {default_attr("axis", int64_t{0}, "of a size that is a number")},
          .expand = expand_unstack};
}

std::vector<Tensor> unstack(const TensorArg& x, int64_t axis, std::string_view name) {
  return apply_op("unstack", {x}, {{"axis", axis}}, name).outputs();
}

}  // namespace dlc
