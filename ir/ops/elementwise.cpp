#include "ir/ops/elementwise.h"

#include <string>

namespace dlc::ir {

namespace {

Expected<void> all_alike(const InferContext& c) {
  const std::string c1 = c.op_name() + "_c1", c2 = c.op_name() + "_c2";
  for (int i = 1; i < c.num_operands(); ++i) DLC_RETURN_IF_ERROR(c.same_types(c1.c_str(), 0, i));
  for (int i = 1; i < c.num_operands(); ++i) DLC_RETURN_IF_ERROR(c.same_dims(c2.c_str(), 0, i));
  return {};
}

}  // namespace

Expected<std::vector<TensorType>> infer_unary(const InferContext& c) { return std::vector{c.operand(0)}; }

Expected<std::vector<TensorType>> infer_predicate(const InferContext& c) {
  return std::vector{c.operand(0).with(kBool)};
}

Expected<std::vector<TensorType>> infer_binary(const InferContext& c) {
  DLC_RETURN_IF_ERROR(all_alike(c));
  return std::vector{c.operand(0)};
}

Expected<std::vector<TensorType>> infer_ternary(const InferContext& c) { return infer_binary(c); }

std::optional<double> uniform_constant(Value v) {
  while (v.is(OpKind::kBroadcast)) v = v.op->operand(0);
  if (!v.is(OpKind::kConstant)) return std::nullopt;
  const Array& value = v.op->attr<Array>("value");
  if (value.num_elements() != 1) return std::nullopt;
  return value.value_as_double(0);
}

std::vector<Array> same_elements(const ReferenceContext& c) { return {c.operands[0].clone()}; }

}  // namespace dlc::ir
