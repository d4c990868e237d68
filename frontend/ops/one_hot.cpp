#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_one_hot(ExpandContext& c) {
  c.need_integer(0);
  const Value indices = c.operand(0);
  const int64_t depth = c.int_attr("depth"), axis = c.axis_attr("axis", indices.rank() + 1);
  if (depth < 0) c.fail(ErrorCode::kInvalidArgument, "'depth' is {}, needs a number >= 0", depth);
  ir::Dims dims = indices.dims();
  dims.insert(dims.begin() + axis, depth);
  ir::Ints kept;
  for (int64_t i = 0; i <= indices.rank(); ++i)
    if (i != axis) kept.push_back(i);
  const Value wanted = c.b.broadcast(indices, dims, kept);
  const ir::TensorType type{c.dtype_attr("dtype"), dims};
  const Value hit = c.b.compare("eq", wanted, c.iota(dims, indices.dtype(), axis));
  return {c.b.select(hit, c.b.full(type, c.element_attr("on_value", type.dtype)),
                     c.b.full(type, c.element_attr("off_value", type.dtype)))};
}

}  // namespace

OpSpec one_hot_spec() {
  return {.name = "one_hot",
          .category = "shapes",
          .doc = "on_value at each index, off_value elsewhere; an index outside [0, depth) gives off_value only.",
          .operands = {{.name = "indices", .doc = "integers", .dtype_group = -1}},
          .attrs = {required_attr("depth", int64_t{0}, "size of the new axis"),
                    default_attr("on_value", 1.0, "at the index"), default_attr("off_value", 0.0, "elsewhere"),
                    default_attr("axis", int64_t{-1}, "the new one, in the result"),
                    default_attr("dtype", kFloat32, "of the result")},
          .expand = expand_one_hot};
}

Tensor one_hot(const TensorArg& indices, int64_t depth, const OneHotOptions& options) {
  return apply("one_hot", {indices},
               {{"depth", depth},
                {"on_value", options.on_value},
                {"off_value", options.off_value},
                {"axis", options.axis},
                {"dtype", options.dtype}},
               options.name);
}

}  // namespace dlc
