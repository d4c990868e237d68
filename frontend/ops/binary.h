// What operators of two operands, stretched to one shape, share.
#pragma once

#include <utility>

#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/elementwise.h"

namespace dlc {

OpSpec binary_spec(const char* name, const char* category, const char* doc, OpSpec::Expand expand, const char* x = "x",
                   const char* y = "y");

/// Both operands in one type and shape.
std::pair<ir::Value, ir::Value> pair_of(ExpandContext& c);

/// One IR operator.
template <ir::OpKind kind>
std::vector<ir::Value> expand_binary(ExpandContext& c) {
  c.need_type_of(kind, 0);
  const auto [x, y] = pair_of(c);
  return {c.b.op(kind, {x, y})};
}

/// The same, of bool only.
template <ir::OpKind kind>
std::vector<ir::Value> expand_logical(ExpandContext& c) {
  c.need_bool(0);
  return expand_binary<kind>(c);
}

/// Integers of different widths compare as the wider of the two, which is exact: argmax is i64, labels
/// often are i32.
std::vector<ir::Value> expand_compare(ExpandContext& c, const char* direction);

/// Whether x / y, rounded towards zero with remainder r, must be one less to be rounded down.
ir::Value rounds_down(ir::Builder& b, ir::Value r, ir::Value y);

}  // namespace dlc
