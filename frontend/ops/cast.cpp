#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

OpSpec cast_spec() {
  return {.name = "cast",
          .category = "choice",
          .doc = "x in another element type. Floating to integer saturates, NaN gives 0; to bool is != 0.",
          .operands = {{"x", "any type"}},
          .attrs = {required_attr("dtype", kFloat32, "of the result")},
          .expand = [](ExpandContext& c) { return std::vector{c.b.convert(c.operand(0), c.dtype_attr("dtype"))}; }};
}

Tensor cast(const TensorArg& x, DType dtype, std::string_view name) {
  return apply("cast", {x}, {{"dtype", dtype}}, name);
}

}  // namespace dlc
