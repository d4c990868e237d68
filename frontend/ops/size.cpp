#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

OpSpec size_spec() {
  return {.name = "size",
          .category = "shapes",
          .doc = "The number of elements of x, as a value. One that is known only in a run wraps in i32.",
          .operands = {{"x", "any type"}},
          .attrs = {default_attr("out_type", kInt32, "i32 or i64")},
          .expand = [](ExpandContext& c) {
            return std::vector{c.size_value(c.operand(0).type().num_elements(), c.index_dtype_attr("out_type"))};
          }};
}

Tensor size(const TensorArg& x, DType out_type, std::string_view name) {
  return apply("size", {x}, {{"out_type", out_type}}, name);
}

}  // namespace dlc
