#include "ir/ops/elementwise.h"

namespace dlc::ir {
namespace {

// select_c1: the branches have one element type. select_c2: all three have equal dimensions.
Expected<std::vector<TensorType>> infer_select(const InferContext& c) {
  DLC_RETURN_IF_ERROR(c.same_types("select_c1", 1, 2));
  DLC_RETURN_IF_ERROR(c.same_dims("select_c2", 1, 0));
  DLC_RETURN_IF_ERROR(c.same_dims("select_c2", 1, 2));
  return std::vector{c.operand(1)};
}

Gradients grad_select(GradContext& g) {
  const Value condition = g.operand(0), dy = g.result_grad(), zero = g.b.full_like(dy, 0.0);
  return {{},
          g.needed(1) ? g.b.select(condition, dy, zero) : Value{},
          g.needed(2) ? g.b.select(condition, zero, dy) : Value{}};
}

std::vector<Array> reference_select(const ReferenceContext& c) {
  Array out = c.make_result();
  const auto condition = c.operands[0].data<bool>();
  dispatch(out.dtype(), [&]<typename T>() {
    const auto if_true = c.operands[1].data<T>(), if_false = c.operands[2].data<T>();
    const auto to = out.data<T>();
    for (size_t i = 0; i < to.size(); ++i) to[i] = condition[i] ? if_true[i] : if_false[i];
  });
  return {out};
}

}  // namespace

OpDef select_op() {
  return {
      .doc = "condition ? if_true : if_false, element by element. Nothing of the other branch shows, not even NaN.",
      .operands = {{"condition", TypeClass::kBoolean, "any dimensions"},
                   {"if_true", TypeClass::kAny, "the dimensions of condition"},
                   {"if_false", TypeClass::kAny, "the type of if_true"}},
      .fusion = FusionKind::kElementwise,
      .infer = infer_select,  // select_c1, select_c2
      .gradient = grad_select,
      .reference = reference_select,
  };
}

}  // namespace dlc::ir
