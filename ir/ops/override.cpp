// For differentiation; drop-pins removes it.
#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

// override_c1: one element type. override_c2: equal dimensions.
Expected<std::vector<TensorType>> infer_override(const InferContext& c) {
  DLC_RETURN_IF_ERROR(c.same_types("override_c1", 0, 1));
  DLC_RETURN_IF_ERROR(c.same_dims("override_c2", 0, 1));
  return std::vector{c.operand(0)};
}

}  // namespace

OpDef override_op() {
  return {
      .doc = "The value of `fed`; the gradient flows on to `h`, the tensor that was fed.",
      .operands = {{"h", TypeClass::kAny, "what the graph computes, any dimensions"},
                   {"fed", TypeClass::kAny, "what the caller gave instead, the type of h"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_override,  // override_c1, override_c2
      .gradient = [](GradContext& g) -> Gradients { return {g.result_grad(), {}}; },
      .differentiable = {true, false},
      .reference = [](const ReferenceContext& c) -> std::vector<Array> { return {c.operands[1].clone()}; },
  };
}

}  // namespace dlc::ir
