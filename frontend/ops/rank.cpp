#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/shapes.h"

namespace dlc {

OpSpec rank_spec() {
  return {.name = "rank",
          .category = "shapes",
          .doc = "The number of axes of x, as a value.",
          .operands = {{"x", "any type"}},
          .expand = [](ExpandContext& c) {
            return std::vector{c.b.constant(Array::scalar(static_cast<int32_t>(c.operand(0).rank())))};
          }};
}

Tensor rank(const TensorArg& x, std::string_view name) { return apply("rank", {x}, {}, name); }

}  // namespace dlc
