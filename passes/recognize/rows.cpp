#include "passes/recognize/rows.h"

#include <algorithm>

#include "passes/pattern.h"

namespace dlc::passes {

using ir::Ints;
using ir::OpKind;
using ir::Value;

Value through_stops(Value v) {
  while (v.is(OpKind::kStopGradient)) v = v.op->operand(0);
  return v;
}

Value repeated_along(Value v, const Ints& axes) {
  v = through_stops(v);
  if (!v.is(OpKind::kBroadcast)) return {};
  const Value row = v.op->operand(0);
  Ints kept;
  ir::Dims dims;
  for (int64_t axis = 0; axis < v.rank(); ++axis) {
    if (std::find(axes.begin(), axes.end(), axis) != axes.end()) continue;
    kept.push_back(axis);
    dims.push_back(v.type().dim(axis));
  }
  // A row that is itself stretched from size 1 is no reduction of the rows.
  return v.op->ints_attr("axes") == kept && row.dims() == dims ? row : Value();
}

bool is_reduction_of(Value v, const char* kind, Value x, const Ints& axes) {
  return v.is(OpKind::kReduce) && is_reduce(*v.op, kind) && v.op->operand(0) == x && v.op->ints_attr("axes") == axes;
}

Value without_max(Value u, const Ints& axes) {
  Value x, repeated, condition, largest;
  if (!m::sub(m::any(x), m::any(repeated)).match(u)) return {};
  Value row = repeated_along(repeated, axes);
  if (!row) return {};
  row = through_stops(row);
  if (m::select(m::any(condition), m::any(largest), m::splat(0.0)).match(row) && condition.is(OpKind::kIsFinite) &&
      through_stops(condition.op->operand(0)) == through_stops(largest))
    row = through_stops(largest);
  return is_reduction_of(row, "max", x, axes) ? x : Value();
}

}  // namespace dlc::passes
