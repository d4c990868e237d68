#include <cstring>

#include "ir/op_def.h"

namespace dlc::ir {
namespace {

// bitcast_c1: `dtype` is a number type of the operand's size.
Expected<std::vector<TensorType>> infer_bitcast(const InferContext& c) {
  const DType from = c.operand(0).dtype, to = c.attr<DType>("dtype");
  if (!is_number(to) || size_of(to) != size_of(from))
    return c.error("bitcast_c1", "'dtype' needs a number type of {} bytes, as {} is, got {}", size_of(from), from, to);
  return std::vector{c.operand(0).with(to)};
}

std::vector<Array> reference_bitcast(const ReferenceContext& c) {
  Array out = c.make_result();
  if (out.num_bytes() > 0) std::memcpy(out.bytes(), c.operands[0].bytes(), out.num_bytes());
  return {out};
}

}  // namespace

OpDef bitcast_op() {
  return {
      .doc = "The same bits read as `dtype`.",
      .operands = {{"x", TypeClass::kNumeric, "any dimensions"}},
      .attrs = {{"dtype", kUInt32, false, "a number type of the same size"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_bitcast,  // bitcast_c1
      .no_gradient = "bits are not a smooth function of a number",
      .reference = reference_bitcast,
  };
}

}  // namespace dlc::ir
