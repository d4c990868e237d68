// assign assign_add assign_sub: the new value of a variable. They have no gradient (SEMANTICS.md).
#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/core.h"

namespace dlc {

namespace {

/// The value stretched to the variable's type, where NumPy's rule allows it without changing that.
ir::Value fit(ExpandContext& c, const ir::TensorType& variable, ir::Value value) {
  if (value.dtype() != variable.dtype)
    c.fail(ErrorCode::kInvalidType, "the variable is {}, the value {}; cast the value", variable, value.type());
  const ir::Dims dims = value_or_throw(c.b.broadcast_dims(variable.dims, value.dims()));
  if (dims != variable.dims)
    c.fail(ErrorCode::kInvalidShape, "the variable is {}, the value {}", variable, value.type());
  return c.b.broadcast_to(value, dims);
}

std::vector<ir::Value> no_gradient(ExpandContext& c, ir::Value v) { return {c.b.op(ir::OpKind::kStopGradient, {v})}; }

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
  return no_gradient(c, value.dims() == type.dims ? value : c.b.reshape(value, type.dims));
}

std::vector<ir::Value> expand_assign_add(ExpandContext& c) {
  const ir::Value old = c.operand(0);
  return no_gradient(c, c.b.add(old, fit(c, old.type(), c.operand(1))));
}

std::vector<ir::Value> expand_assign_sub(ExpandContext& c) {
  const ir::Value old = c.operand(0);
  return no_gradient(c, c.b.sub(old, fit(c, old.type(), c.operand(1))));
}

OpSpec spec(std::string name, std::string doc, bool write_only, OpSpec::Expand expand) {
  return {.name = std::move(name),
          .category = "state",
          .doc = std::move(doc),
          .operands = {{.name = "ref", .doc = "a variable", .ref = true, .write_only = write_only},
                       {.name = "value", .doc = "of the variable's type"}},
          .expand = expand};
}

}  // namespace

OpSpec assign_spec() { return spec("assign", "ref = value; the new value.", true, expand_assign); }
OpSpec assign_add_spec() { return spec("assign_add", "ref = ref + value; the new value.", false, expand_assign_add); }
OpSpec assign_sub_spec() { return spec("assign_sub", "ref = ref - value; the new value.", false, expand_assign_sub); }

Tensor assign(const Tensor& ref, const TensorArg& value, std::string_view name) {
  return apply("assign", {TensorArg(ref, value.source_location()), value}, {}, name);
}
Tensor assign_add(const Tensor& ref, const TensorArg& value, std::string_view name) {
  return apply("assign_add", {TensorArg(ref, value.source_location()), value}, {}, name);
}
Tensor assign_sub(const Tensor& ref, const TensorArg& value, std::string_view name) {
  return apply("assign_sub", {TensorArg(ref, value.source_location()), value}, {}, name);
}

}  // namespace dlc
