#include "frontend/ops/norms.h"

#include "frontend/ops/reduce.h"

namespace dlc::expansions {

using ir::Value;

Value root_of_squares(ir::Builder& b, Value x) {
  const Value positive = b.compare("gt", x, b.full_like(x, 0));
  return b.select(positive, b.sqrt(b.select(positive, x, b.full_like(x, 1))), x);
}

Value global_norm(ExpandContext& c, std::span<const Value> xs) {
  if (xs.empty()) c.fail(ErrorCode::kInvalidArgument, "needs at least one tensor");
  Value sum = sum_of_squares(c.b, xs[0]);
  for (const Value& x : xs.subspan(1)) {
    if (x.dtype() != sum.dtype())
      c.fail(ErrorCode::kInvalidType, "operands need one element type, got {} and {}", xs[0].type(), x.type());
    sum = c.b.add(sum, sum_of_squares(c.b, x));
  }
  return root_of_squares(c.b, sum);
}

Value limit_operand(ExpandContext& c, int i, DType dtype) {
  const Value v = c.operand(i);
  const std::string& name = c.node().spec->operands[static_cast<size_t>(i)].name;
  if (v.rank() != 0 || v.dtype() != dtype)
    c.fail(ErrorCode::kInvalidShape, "'{}' needs {}[], got {}", name, dtype, v.type());
  if (v.is(ir::OpKind::kConstant))
    if (const double limit = v.op->attr<Array>("value").value_as_double(0); !(limit > 0))
      c.fail(ErrorCode::kInvalidArgument, "'{}' is {}, needs a number > 0", name, limit);
  return v;
}

}  // namespace dlc::expansions
