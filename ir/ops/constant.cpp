#include "ir/op_def.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_constant(const InferContext& c) {
  const Array& value = c.attr<Array>("value");
  return std::vector{TensorType::of(value.dtype(), value.shape())};
}

std::vector<Array> reference_constant(const ReferenceContext& c) { return {c.op.attr<Array>("value").clone()}; }

}  // namespace

OpDef constant_op() {
  return {
      .doc = "The array `value`.",
      .attrs = {{"value", Array(), false, "the elements and their type"}},
      .fusion = FusionKind::kConstant,
      .infer = infer_constant,
      .no_gradient = "constant has no operands",
      .reference = reference_constant,
  };
}

}  // namespace dlc::ir
