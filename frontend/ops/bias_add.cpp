#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/nn.h"

namespace dlc {

using ir::Value;

OpSpec bias_add_spec() {
  return {.name = "bias_add",
          .category = "arithmetic",
          .doc = "x plus bias along the last axis.",
          .operands = {{"x", "rank >= 1"}, {"bias", "rank 1, of the size of the last axis"}},
          .expand = [](ExpandContext& c) {
            c.need_number(0);
            c.need_same_dtype(0, 1);
            c.need_rank_at_least(0, 1);
            const Value x = c.operand(0), bias = c.operand(1);
            if (bias.rank() != 1) c.fail(ErrorCode::kInvalidShape, "'bias' needs rank 1, got {}", bias.type());
            c.require(x.dims().back(), bias.dims()[0],
                      fmt::format("the last axis of {} and the bias {}", x.type(), bias.type()));
            return std::vector{c.b.add(x, c.b.broadcast_to(c.b.reshape(bias, {x.dims().back()}), x.dims()))};
          }};
}

Tensor bias_add(const TensorArg& x, const TensorArg& bias, std::string_view name) {
  return apply("bias_add", {x, bias}, {}, name);
}

}  // namespace dlc
