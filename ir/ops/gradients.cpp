#include "ir/op_def.h"

namespace dlc::ir {
namespace {

// gradients_c1: num_ys >= 1, num_stops >= 0, and as many operands as the counts say.
// gradients_c2: num_grad_ys is 0 or num_ys.
// gradients_c3: a grad_y has the type of its y.
Expected<std::vector<TensorType>> infer_gradients(const InferContext& c) {
  const int64_t num_ys = c.int_attr("num_ys"), num_grad_ys = c.int_attr("num_grad_ys");
  const int64_t num_stops = c.int_attr("num_stops"), count = c.num_operands();
  if (num_grad_ys != 0 && num_grad_ys != num_ys)
    return c.error("gradients_c2", "'num_grad_ys' needs 0 or 'num_ys', {}, got {}", num_ys, num_grad_ys);
  // Each count is compared with what is left, so that no sum can overflow.
  if (num_ys < 1 || num_ys > count || num_grad_ys > count - num_ys || num_stops < 0 ||
      num_stops > count - num_ys - num_grad_ys)
    return c.error("gradients_c1", "{} operands are not {} ys (at least 1), {} grad_ys, xs and {} stops", count, num_ys,
                   num_grad_ys, num_stops);
  for (int i = 0; i < static_cast<int>(num_grad_ys); ++i) {
    const int grad = static_cast<int>(num_ys) + i;
    DLC_RETURN_IF_ERROR(c.same_types("gradients_c3", i, grad));
    DLC_RETURN_IF_ERROR(c.same_dims("gradients_c3", i, grad));
  }
  std::vector<TensorType> types;
  for (int64_t i = num_ys + num_grad_ys; i < count - num_stops; ++i) types.push_back(c.operand(static_cast<int>(i)));
  return types;
}

}  // namespace

OpDef gradients_op() {
  return {
      .doc =
          "The gradients of the sum of ys, each weighted with its grad_y (ones without), with respect to each x:\n"
          "one result per x, of its type; zeros where no y depends on x. Nothing flows through a stop. Expanded by\n"
          "the pass autodiff.",
      .operands = {{"operands", TypeClass::kFloating, "ys, grad_ys, xs, stops, in this order", true}},
      .attrs = {{"num_ys", int64_t{1}, false, "how many ys"},
                {"num_grad_ys", int64_t{0}, true, "0 or num_ys"},
                {"num_stops", int64_t{0}, true, "how many of the last operands are stops"}},
      .infer = infer_gradients,  // gradients_c1, gradients_c2, gradients_c3
      .no_gradient = "expanded before anything that depends on it is differentiated",
  };
}

}  // namespace dlc::ir
