#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_shape(ExpandContext& c) {
  const DType t = c.index_dtype_attr("out_type");
  const Value x = c.operand(0);
  if (x.rank() == 0) return {c.b.convert(c.b.constant(Array(kInt64, {0})), t)};
  std::vector<Value> sizes;
  for (const ir::Dim& d : x.dims()) sizes.push_back(c.b.reshape(c.size_value(d, t), {1}));
  return {sizes.size() == 1 ? sizes[0] : c.b.concat(sizes, 0)};
}

}  // namespace

OpSpec shape_spec() {
  return {.name = "shape",
          .category = "shapes",
          .doc = "The sizes of x, as values. One that is known only in a run wraps in i32.",
          .operands = {{"x", "any type"}},
          .attrs = {default_attr("out_type", kInt32, "i32 or i64")},
          .expand = expand_shape};
}

Tensor shape(const TensorArg& x, DType out_type, std::string_view name) {
  return apply("shape", {x}, {{"out_type", out_type}}, name);
}

}  // namespace dlc
