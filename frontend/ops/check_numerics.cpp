#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/core.h"

namespace dlc {

OpSpec check_numerics_spec() {
  return {.name = "check_numerics",
          .category = "control",
          .doc =
              "x; a run in which an element of it is NaN or infinite fails, names the element, and changes no "
              "variable. Only a check whose result is used, or fetched, is made. The gradient passes through.",
          .operands = {{"x", "any shape, f32 or f64"}},
          .attrs = {default_attr("message", std::string(), "stands in the error")},
          .expand = [](ExpandContext& c) {
            return std::vector{
                c.b.op(ir::OpKind::kCheckNumerics, {c.operand(0)}, {{"message", c.attr<std::string>("message")}})};
          }};
}

Tensor check_numerics(const TensorArg& x, std::string_view message, std::string_view name) {
  return apply("check_numerics", {x}, {{"message", std::string(message)}}, name);
}

}  // namespace dlc
