#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

OpSpec reverse_spec() {
  return {.name = "reverse",
          .category = "shapes",
          .doc = "Backwards along these axes.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("axis", ir::Ints{}, "negative from the end")},
          .expand = [](ExpandContext& c) {
            const Value x = c.operand(0);
            const ir::Ints axes = c.axes_attr("axis", x.rank());
            return std::vector{axes.empty() ? x : c.b.op(ir::OpKind::kReverse, {x}, {{"axes", axes}})};
          }};
}

Tensor reverse(const TensorArg& x, const Axes& axis, std::string_view name) {
  ir::AttrMap attrs = axis_attrs(axis);
  if (const Tensor* t = x.tensor(); t && !axis.get()) {
    ir::Ints all;
    for (int64_t i = 0; i < t->rank(); ++i) all.push_back(i);
    attrs["axis"] = std::move(all);
  }
  return apply("reverse", {x}, std::move(attrs), name);
}

}  // namespace dlc
