#include <algorithm>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_squeeze(ExpandContext& c) {
  const Value x = c.operand(0);
  const bool given = c.has_attr("axis");
  const ir::Ints axes = c.axes_attr("axis", x.rank());
  ir::Dims dims;
  for (int64_t i = 0; i < x.rank(); ++i) {
    const ir::Dim& d = x.type().dim(i);
    const bool named = given && std::binary_search(axes.begin(), axes.end(), i);
    if (named) c.require(d, 1, fmt::format("axis {} of {} is squeezed", i, x.type()));
    if (!(given ? named : d.is(1))) dims.push_back(d);
  }
  return {c.b.reshape(x, std::move(dims))};
}

}  // namespace

OpSpec squeeze_spec() {
  return {.name = "squeeze",
          .category = "shapes",
          .doc = "x without these axes, which have size 1.",
          .operands = {{"x", "any type"}},
          .attrs = {optional_attr("axis", ir::Ints{}, "absent: all that are known to have size 1")},
          .expand = expand_squeeze};
}

Tensor squeeze(const TensorArg& x, const Axes& axis, std::string_view name) {
  return apply("squeeze", {x}, axis_attrs(axis), name);
}

}  // namespace dlc
