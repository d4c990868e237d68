#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_expand_dims(ExpandContext& c) {
  const Value x = c.operand(0);
  ir::Dims dims = x.dims();
  dims.insert(dims.begin() + c.axis_attr("axis", x.rank() + 1), 1);
  return {c.b.reshape(x, std::move(dims))};
}

}  // namespace

OpSpec expand_dims_spec() {
  return {.name = "expand_dims",
          .category = "shapes",
          .doc = "x with an axis of size 1 at `axis`.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("axis", int64_t{0}, "place in the result; negative from its end")},
          .expand = expand_expand_dims};
}

Tensor expand_dims(const TensorArg& x, int64_t axis, std::string_view name) {
  return apply("expand_dims", {x}, {{"axis", axis}}, name);
}

}  // namespace dlc
