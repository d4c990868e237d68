#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/nn.h"

namespace dlc {

using ir::Value;

OpSpec l2_normalize_spec() {
  return {.name = "l2_normalize",
          .category = "linear algebra",
          .doc = "x / sqrt(max(sum(x^2), epsilon)) along `axis`.",
          .operands = {{"x", "f32 or f64"}},
          .attrs = {optional_attr("axis", ir::Ints{}, "absent: all"), default_attr("epsilon", 1e-12, "> 0")},
          .expand = [](ExpandContext& c) {
            c.need_float(0);
            const double epsilon = c.float_attr("epsilon");
            if (!(epsilon > 0)) c.fail(ErrorCode::kInvalidArgument, "'epsilon' is {}, needs epsilon > 0", epsilon);
            const Value x = c.operand(0);
            const ir::Ints axes = c.axes_attr("axis", x.rank());
            const Value sum = c.b.reduce_sum(c.b.mul(x, x), axes);
            const Value scale = c.b.rsqrt(c.b.max(sum, c.b.full_like(sum, epsilon)));
            return std::vector{c.b.mul(x, c.b.unreduce(scale, x.dims(), axes))};
          }};
}

Tensor l2_normalize(const TensorArg& x, const Axes& axis, double epsilon, std::string_view name) {
  ir::AttrMap attrs = axis_attrs(axis);
  attrs["epsilon"] = epsilon;
  return apply("l2_normalize", {x}, std::move(attrs), name);
}

}  // namespace dlc
