#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_broadcast_to(ExpandContext& c) {
  const Value x = c.operand(0);
  const ir::Dims& dims = c.dims_attr("dims");
  const ir::Dims common = value_or_throw(c.b.broadcast_dims(x.dims(), dims));
  if (common.size() != dims.size())
    c.fail(ErrorCode::kInvalidShape, "{} does not stretch to {}", x.type(), ir::dims_str(dims));
  for (size_t i = 0; i < dims.size(); ++i)
    if (!(common[i] == dims[i]) && dims[i].is(1))
      c.fail(ErrorCode::kInvalidShape, "{} does not stretch to {}", x.type(), ir::dims_str(dims));
  return {c.b.broadcast_to(x, common)};
}

}  // namespace

OpSpec broadcast_to_spec() {
  return {.name = "broadcast_to",
          .category = "shapes",
          .doc = "x stretched to `dims` by NumPy's rule.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("dims", ir::Dims{}, "sizes, or symbols of placeholders")},
          .expand = expand_broadcast_to};
}

Tensor broadcast_to(const TensorArg& x, const DimsArg& dims, std::string_view name) {
  Graph graph = x.tensor() ? x.tensor()->graph() : default_graph();
  Expected<ir::Dims> resolved = dims.resolve(graph);
  if (!resolved) throw Exception(std::move(resolved).error().at(x.where()));
  return apply("broadcast_to", {x}, {{"dims", std::move(resolved).value()}}, name);
}

}  // namespace dlc
