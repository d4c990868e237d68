#include <limits>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

using ir::Value;

OpSpec is_inf_spec() {
  return {.name = "is_inf",
          .category = "comparison",
          .doc = "Whether x is inf or -inf.",
          .operands = {{"x", "f32 or f64"}},
          .expand = [](ExpandContext& c) {
            c.need_float(0);
            const Value x = c.operand(0);
            return std::vector{c.b.compare("eq", c.b.op(ir::OpKind::kAbs, {x}),
                                           c.b.full_like(x, std::numeric_limits<double>::infinity()))};
          }};
}

Tensor is_inf(const TensorArg& x, std::string_view name) { return apply("is_inf", {x}, {}, name); }

}  // namespace dlc
