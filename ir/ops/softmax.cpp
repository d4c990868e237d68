#include "ir/ops/softmax_rows.h"

namespace dlc::ir {
namespace {

/// dx = (dy - sum(dy * y, axis)) * y.
Gradients grad_softmax(GradContext& g) {
  const Value y = g.result(), dy = g.result_grad();
  const Ints axis = {g.op().int_attr("axis")};
  const Value mean = g.b.unreduce(g.b.reduce_sum(g.b.mul(dy, y), axis), y.dims(), axis);
  return {g.b.mul(g.b.sub(dy, mean), y)};
}

std::vector<Value> decompose_softmax(Builder& b, Op& op) {
  const int64_t axis = op.int_attr("axis");
  const SoftmaxRows rows = softmax_rows(b, op.operand(0), axis);
  return {b.div(rows.exps, b.unreduce(rows.total, op.type().dims, {axis}))};
}

}  // namespace

OpDef softmax_op() {
  return {
      .doc =
          "exp(x - max(x)) / sum(exp(x - max(x))) along `axis`: rows sum to 1. A row that is all -inf gives zeros; a\n"
          "row with a NaN gives NaN; inf gives NaN, and 0 to the rest of its row, as exp(x) / sum(exp(x)) does.",
      .operands = {{"x", TypeClass::kFloating, "logits, rank >= 1"}},
      .attrs = {{"axis", int64_t{0}, false, "the axis of a row"}},
      .fusion = FusionKind::kReduction,
      .infer = infer_softmax,  // softmax_c1
      .gradient = grad_softmax,
      .decompose = decompose_softmax,
  };
}

}  // namespace dlc::ir
