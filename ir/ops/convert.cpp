#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

Expected<std::vector<TensorType>> infer_convert(const InferContext& c) {
  return std::vector{c.operand(0).with(c.attr<DType>("dtype"))};
}

std::vector<Array> reference_convert(const ReferenceContext& c) {
  return {c.operands[0].cast(c.op.attr<DType>("dtype"))};
}

}  // namespace

OpDef convert_op() {
  return {
      .doc =
          "x as `dtype`: floats round to nearest even, integers wrap, float to integer truncates and saturates (NaN\n"
          "gives 0), anything to bool is x != 0, bool to a number is 0 or 1.",
      .operands = {{"x", TypeClass::kAny, "any dimensions"}},
      .attrs = {{"dtype", kFloat32, false, "the result's element type"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_convert,
      // Called for a floating result only: nothing flows through integers.
      .gradient = [](GradContext& g) -> Gradients { return {g.b.convert(g.result_grad(), g.operand(0).dtype())}; },
      .reference = reference_convert,
  };
}

}  // namespace dlc::ir
