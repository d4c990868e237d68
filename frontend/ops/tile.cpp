#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_tile(ExpandContext& c) {
  Value x = c.operand(0);
  const ir::Ints& multiples = c.ints_attr("multiples");
  if (static_cast<int64_t>(multiples.size()) != x.rank())
    c.fail(ErrorCode::kInvalidShape, "'multiples' needs one entry per axis of {}, got {}", x.type(), multiples.size());
  // [a, b] -> [1, a, 1, b] stretched to [m, a, k, b], whose rows are in the right order.
  ir::Dims stretched, result;
  ir::Ints axes;
  for (size_t i = 0; i < multiples.size(); ++i) {
    if (multiples[i] < 0) c.fail(ErrorCode::kInvalidArgument, "'multiples' has {}, needs numbers >= 0", multiples[i]);
    stretched.push_back(multiples[i]);
    stretched.push_back(x.dims()[i]);
    axes.push_back(static_cast<int64_t>(2 * i + 1));
    result.push_back(x.dims()[i] * multiples[i]);
  }
  return {c.b.reshape(c.b.broadcast(x, stretched, axes), std::move(result))};
}

}  // namespace

OpSpec tile_spec() {
  return {.name = "tile",
          .category = "shapes",
          .doc = "multiples[i] copies along axis i.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("multiples", ir::Ints{}, "one per axis")},
          .expand = expand_tile};
}

Tensor tile(const TensorArg& x, const std::vector<int64_t>& multiples, std::string_view name) {
  return apply("tile", {x}, {{"multiples", multiples}}, name);
}

}  // namespace dlc
