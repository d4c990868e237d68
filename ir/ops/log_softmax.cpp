#include "ir/ops/softmax_rows.h"

namespace dlc::ir {
namespace {

/// dx = dy - softmax(x) * sum(dy, axis).
Gradients grad_log_softmax(GradContext& g) {
  const Value y = g.result(), dy = g.result_grad();
  const Ints axis = {g.op().int_attr("axis")};
  const Value total = g.b.unreduce(g.b.reduce_sum(dy, axis), y.dims(), axis);
  return {g.b.sub(dy, g.b.mul(g.b.exp(y), total))};
}

std::vector<Value> decompose_log_softmax(Builder& b, Op& op) {
  const int64_t axis = op.int_attr("axis");
  const SoftmaxRows rows = softmax_rows(b, op.operand(0), axis);
  return {b.sub(rows.shifted, b.unreduce(b.log(rows.total), op.type().dims, {axis}))};
}

}  // namespace

OpDef log_softmax_op() {
  return {
      .doc =
          "log(softmax(x)) along `axis` without its underflow. A row that is all -inf gives -inf; a row with a NaN\n"
          "gives NaN; inf gives NaN, and -inf to the rest of its row.",
      .operands = {{"x", TypeClass::kFloating, "logits, rank >= 1"}},
      .attrs = {{"axis", int64_t{0}, false, "the axis of a row"}},
      .fusion = FusionKind::kReduction,
      .infer = infer_softmax,  // log_softmax_c1
      .gradient = grad_log_softmax,
      .decompose = decompose_log_softmax,
  };
}

}  // namespace dlc::ir
