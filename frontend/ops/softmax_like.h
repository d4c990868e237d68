// What softmax and log_softmax share.
#pragma once

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/nn.h"

namespace dlc {

template <ir::OpKind kind>
OpSpec softmax_like(const char* name, const char* doc) {
  return {.name = name,
          .category = "activations",
          .doc = doc,
          .operands = {{"x", "f32 or f64, rank >= 1"}},
          .attrs = {default_attr("axis", int64_t{-1}, "negative from the end")},
          .expand = [](ExpandContext& c) {
            c.need_float(0);
            c.need_rank_at_least(0, 1);
            const ir::Value x = c.operand(0);
            return std::vector{c.b.op(kind, {x}, {{"axis", c.axis_attr("axis", x.rank())}})};
          }};
}

}  // namespace dlc
