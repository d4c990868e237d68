// What operators of one operand that are one IR operator each share.
#pragma once

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"
#include "ir/op_def.h"

namespace dlc {

template <ir::OpKind kind>
OpSpec unary_spec(const char* name, const char* category, const char* doc) {
  return {.name = name,
          .category = category,
          .doc = doc,
          .operands = {{"x", fmt::format("{}, any shape", to_string(ir::op_def(kind).operands[0].types))}},
          .expand = [](ExpandContext& c) { return std::vector{c.b.op(kind, {c.operand(0)})}; }};
}

}  // namespace dlc
