#include "frontend/ops/assignment.h"

namespace dlc {

namespace {

std::vector<ir::Value> expand_assign(ExpandContext& c) {
  // Not from operand 0: lowering does not read the old value.
  const ir::TensorType& type = c.node().inputs[0].node->types[0];
  const ir::Value value = c.operand(1);
  if (value.dtype() != type.dtype)
    c.fail(ErrorCode::kInvalidType, "the variable is {}, the value {}; cast the value", type, value.type());
  if (value.rank() != type.rank())
    c.fail(ErrorCode::kInvalidShape, "the variable is {}, the value {}", type, value.type());
  for (int64_t i = 0; i < type.rank(); ++i)
    c.require(type.dim(i), value.type().dim(i),
              fmt::format("the variable is {}, the value {}: axis {}", type, value.type(), i));
  // A symbolic size was required to be the variable's; say so in the type.
  return without_gradient(c, value.dims() == type.dims ? value : c.b.reshape(value, type.dims));
}

}  // namespace

OpSpec assign_spec() { return assignment_spec("assign", "ref = value; the new value.", true, expand_assign); }

Tensor assign(const Tensor& ref, const TensorArg& value, std::string_view name) {
  return make_assignment("assign", ref, value, name);
}

}  // namespace dlc
