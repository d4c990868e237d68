#include "frontend/ops/assignment.h"

namespace dlc {

OpSpec assignment_spec(std::string name, std::string doc, bool write_only, OpSpec::Expand expand) {
  return {.name = std::move(name),
          .category = "state",
          .doc = std::move(doc),
          .operands = {{.name = "ref", .doc = "a variable", .ref = true, .write_only = write_only},
                       {.name = "value", .doc = "of the variable's type"}},
          .expand = expand};
}

Tensor make_assignment(std::string_view op, const Tensor& ref, const TensorArg& value, std::string_view name) {
  return apply(op, {TensorArg(ref, value.source_location()), value}, {}, name);
}

ir::Value stretched_to_variable(ExpandContext& c, const ir::TensorType& variable) {
  const ir::Value value = c.operand(1);
  if (value.dtype() != variable.dtype)
    c.fail(ErrorCode::kInvalidType, "the variable is {}, the value {}; cast the value", variable, value.type());
  const ir::Dims dims = value_or_throw(c.b.broadcast_dims(variable.dims, value.dims()));
  if (dims != variable.dims)
    c.fail(ErrorCode::kInvalidShape, "the variable is {}, the value {}", variable, value.type());
  return c.b.broadcast_to(value, dims);
}

std::vector<ir::Value> without_gradient(ExpandContext& c, ir::Value v) {
  return {c.b.op(ir::OpKind::kStopGradient, {v})};
}

}  // namespace dlc
