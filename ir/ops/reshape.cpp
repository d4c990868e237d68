// reshape: the same elements in row-major order under other dimensions.
#include "ir/ops/strided.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_reshape(const InferContext& c) {
  const TensorType& x = c.operand(0);
  const Dims& dims = c.attr<Dims>("dims");
  DLC_RETURN_IF_ERROR(dims_valid(c, "reshape_c1", "dims"));
  DLC_RETURN_IF_ERROR(c.require_equal("reshape_c2", x.num_elements(), product(dims),
                                      fmt::format("reshape of {} to {} needs as many elements", x, dims_str(dims))));
  return std::vector{x.with(dims)};
}

/// VJP: dx = dy under the dimensions of x.
Gradients grad_reshape(GradContext& g) { return {g.b.reshape(g.result_grad(), g.operand(0).dims())}; }

std::vector<Array> reference_reshape(const ReferenceContext& c) {
  return {c.operands[0].reshaped(c.result_types[0].shape())};
}

}  // namespace

OpDef reshape_op() {
  return {
      .doc = "The elements of `x` in row-major order under the dimensions `dims`.",
      .operands = {{"x", TypeClass::kAny, "any shape with as many elements"}},
      .attrs = {{"dims", Dims{}, false, "the new dimensions"}},
      .fusion = FusionKind::kInjective,
      .infer = infer_reshape,  // reshape_c1: sizes >= 0; reshape_c2: equal numbers of elements
      .gradient = grad_reshape,
      .reference = reference_reshape,
  };
}

}  // namespace dlc::ir
