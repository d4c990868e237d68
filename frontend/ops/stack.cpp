#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/join.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_stack(ExpandContext& c) {
  const std::span<const Value> xs = c.list(0);
  need_alike(c, xs);
  const int64_t axis = c.axis_attr("axis", xs[0].rank() + 1);
  std::vector<Value> rows;
  for (const Value& x : xs) {
    for (int64_t i = 0; i < x.rank(); ++i)
      c.require(xs[0].type().dim(i), x.type().dim(i), fmt::format("stack of {} and {}", xs[0].type(), x.type()));
    ir::Dims dims = xs[0].dims();
    dims.insert(dims.begin() + axis, 1);
    rows.push_back(c.b.reshape(x, std::move(dims)));
  }
  return {c.b.concat(rows, axis)};
}

}  // namespace

OpSpec stack_spec() {
  return {.name = "stack",
          .category = "shapes",
          .doc = "Joined along a new axis.",
          .operands = {{.name = "values", .doc = "of one type", .variadic = true}},
          .attrs = {default_attr("axis", int64_t{0}, "the new one; negative from the end of the result")},
          .expand = expand_stack};
}

Tensor stack(const std::vector<TensorArg>& values, int64_t axis, std::string_view name, std::source_location loc) {
  return apply("stack", {OperandArg(values)}, {{"axis", axis}}, name, loc);
}

}  // namespace dlc
