#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_pad(ExpandContext& c) {
  const Value x = c.operand(0);
  const ir::Ints& paddings = c.ints_attr("paddings");
  if (static_cast<int64_t>(paddings.size()) != 2 * x.rank())
    c.fail(ErrorCode::kInvalidShape, "'paddings' needs two entries per axis of {}, got {}", x.type(), paddings.size());
  ir::Dims low, high;
  for (size_t i = 0; i < paddings.size(); ++i) {
    if (paddings[i] < 0) c.fail(ErrorCode::kInvalidArgument, "'paddings' has {}, needs numbers >= 0", paddings[i]);
    (i % 2 == 0 ? low : high).push_back(paddings[i]);
  }
  return {c.b.op(ir::OpKind::kPad, {x, c.b.scalar(x.dtype(), c.element_attr("constant_value", x.dtype()))},
                 {{"low", low}, {"high", high}, {"interior", ir::Ints(x.dims().size(), 0)}})};
}

}  // namespace

OpSpec pad_spec() {
  return {.name = "pad",
          .category = "shapes",
          .doc = "x with a border.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("paddings", ir::Ints{}, "before and after, for each axis in turn"),
                    default_attr("constant_value", 0.0, "of the border")},
          .expand = expand_pad};
}

Tensor pad(const TensorArg& x, const std::vector<std::pair<int64_t, int64_t>>& paddings, double constant_value,
           std::string_view name) {
  ir::Ints flat;
  for (const auto& [before, after] : paddings) {
    flat.push_back(before);
    flat.push_back(after);
  }
  return apply("pad", {x}, {{"paddings", std::move(flat)}, {"constant_value", constant_value}}, name);
}

}  // namespace dlc
