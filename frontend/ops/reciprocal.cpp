#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

OpSpec reciprocal_spec() {
  return {.name = "reciprocal",
          .category = "arithmetic",
          .doc = "1 / x.",
          .operands = {{"x", "f32 or f64"}},
          .expand = [](ExpandContext& c) {
            c.need_float(0);
            return std::vector{c.b.div(c.b.full_like(c.operand(0), 1), c.operand(0))};
          }};
}

Tensor reciprocal(const TensorArg& x, std::string_view name) { return apply("reciprocal", {x}, {}, name); }

}  // namespace dlc
