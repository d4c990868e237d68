#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/join.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_concat(ExpandContext& c) {
  const std::span<const Value> xs = c.list(0);
  need_alike(c, xs);
  if (xs[0].rank() == 0) c.fail(ErrorCode::kInvalidShape, "needs rank >= 1, got {}; stack joins scalars", xs[0].type());
  const int64_t axis = c.axis_attr("axis", xs[0].rank());
  for (const Value& x : xs)
    for (int64_t i = 0; i < x.rank(); ++i)
      if (i != axis)
        c.require(xs[0].type().dim(i), x.type().dim(i),
                  fmt::format("concat of {} and {} along axis {}, axis {}", xs[0].type(), x.type(), axis, i));
  return {c.b.concat(xs, axis)};
}

}  // namespace

OpSpec concat_spec() {
  return {.name = "concat",
          .category = "shapes",
          .doc = "Joined along an axis.",
          .operands = {{.name = "values", .doc = "of one type but for the axis", .variadic = true}},
          .attrs = {required_attr("axis", int64_t{0}, "negative from the end")},
          .expand = expand_concat};
}

Tensor concat(const std::vector<TensorArg>& values, int64_t axis, std::string_view name, std::source_location loc) {
  return apply("concat", {OperandArg(values)}, {{"axis", axis}}, name, loc);
}

}  // namespace dlc
