#include "frontend/ops/update.h"

namespace dlc {

using ir::Value;

Value hyper_parameter(ExpandContext& c, int i, Value like) {
  const Value v = c.operand(i);
  const std::string& name = c.node().spec->operands[static_cast<size_t>(i)].name;
  if (v.dtype() != like.dtype() || v.rank() != 0)
    c.fail(ErrorCode::kInvalidShape, "'{}' needs {}[], the element type of the variable, got {}", name, like.dtype(),
           v.type());
  return c.b.broadcast_to(v, like.dims());
}

Value gradient_operand(ExpandContext& c, int i, Value like) {
  const Value v = c.operand(i);
  if (v.dtype() != like.dtype() || v.rank() != like.rank())
    c.fail(ErrorCode::kInvalidShape, "the gradient is {}, the variable {}", v.type(), like.type());
  for (int64_t k = 0; k < v.rank(); ++k)
    c.require(v.type().dim(k), like.type().dim(k),
              fmt::format("the gradient is {}, the variable {}", v.type(), like.type()));
  return v.dims() == like.dims() ? v : c.b.reshape(v, like.dims());
}

}  // namespace dlc
