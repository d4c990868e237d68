#include "frontend/ops/binary.h"

#include <tuple>

namespace dlc {

using ir::Value;

OpSpec binary_spec(const char* name, const char* category, const char* doc, OpSpec::Expand expand, const char* x,
                   const char* y) {
  return {.name = name,
          .category = category,
          .doc = doc,
          .operands = {{x, "any shape"}, {y, "of the same element type; shapes broadcast"}},
          .expand = expand};
}

std::pair<Value, Value> pair_of(ExpandContext& c) {
  c.need_same_dtype(0, 1);
  return c.broadcast_pair(c.operand(0), c.operand(1));
}

std::vector<Value> expand_compare(ExpandContext& c, const char* direction) {
  Value x = c.operand(0), y = c.operand(1);
  if (is_signed_int(x.dtype()) && is_signed_int(y.dtype())) {
    const DType wide = x.dtype() == kInt64 || y.dtype() == kInt64 ? kInt64 : kInt32;
    x = c.b.convert(x, wide);
    y = c.b.convert(y, wide);
  } else {
    c.need_same_dtype(0, 1);
  }
  std::tie(x, y) = c.broadcast_pair(x, y);
  return {c.b.compare(direction, x, y)};
}

Value rounds_down(ir::Builder& b, Value r, Value y) {
  const Value zero = b.full_like(y, 0);
  const Value signs_differ = b.op(ir::OpKind::kXor, {b.compare("lt", r, zero), b.compare("lt", y, zero)});
  return b.logical_and(b.compare("ne", r, zero), signs_differ);
}

}  // namespace dlc
