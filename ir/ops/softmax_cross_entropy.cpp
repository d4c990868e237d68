#include "ir/ops/softmax_rows.h"

namespace dlc::ir {
namespace {

// softmax_cross_entropy_c1: logits of rank >= 1. _c2: one element type. _c3: equal dimensions.
Expected<std::vector<TensorType>> infer_softmax_cross_entropy(const InferContext& c) {
  TensorType losses = c.operand(0);
  if (losses.rank() == 0)
    return c.error("softmax_cross_entropy_c1", "operand 'logits' needs rank >= 1, got {}", losses);
  DLC_RETURN_IF_ERROR(c.same_types("softmax_cross_entropy_c2", 0, 1));
  DLC_RETURN_IF_ERROR(c.same_dims("softmax_cross_entropy_c3", 0, 1));
  losses.dims.pop_back();
  return std::vector{losses};
}

/// d logits = sum(labels) * softmax(logits) - labels; d labels = -log_softmax(logits). In ordinary
/// ops, so the Hessian of the loss is right too.
Gradients grad_softmax_cross_entropy(GradContext& g) {
  Builder& b = g.b;
  const Value logits = g.operand(0), labels = g.operand(1);
  const int64_t axis = logits.rank() - 1;
  const Value dy = b.unreduce(g.result_grad(), logits.dims(), {axis});
  Gradients out(2);
  if (g.needed(0)) {
    const Value softmax = b.op(OpKind::kSoftmax, {logits}, {{"axis", axis}});
    const Value weight = b.unreduce(b.reduce_sum(labels, {axis}), logits.dims(), {axis});
    out[0] = b.mul(dy, b.sub(b.mul(weight, softmax), labels));
  }
  if (g.needed(1)) out[1] = b.neg(b.mul(dy, b.op(OpKind::kLogSoftmax, {logits}, {{"axis", axis}})));
  return out;
}

/// sum(labels * (log(total) - (x - m))): every factor of a label is >= 0, nothing cancels. What has label 0
/// counts as 0, whatever its logit: -inf masks a class.
std::vector<Value> decompose_softmax_cross_entropy(Builder& b, Op& op) {
  const Value logits = op.operand(0), labels = op.operand(1);
  const int64_t axis = logits.rank() - 1;
  const SoftmaxRows rows = softmax_rows(b, logits, axis);
  const Value log_total = b.unreduce(b.log(rows.total), logits.dims(), {axis});
  const Value losses = b.mul(labels, b.sub(log_total, rows.shifted)), zero = b.full_like(labels, 0);
  return {b.reduce_sum(b.select(b.compare("eq", labels, zero), zero, losses), {axis})};
}

}  // namespace

OpDef softmax_cross_entropy_op() {
  return {
      .doc =
          "-sum(labels * log_softmax(logits)) over the last axis. Labels need not sum to 1. What has label 0 counts\n"
          "as 0, so a logit of -inf masks a class.",
      .operands = {{"logits", TypeClass::kFloating, "[..., C], rank >= 1"},
                   {"labels", TypeClass::kFloating, "weights of the classes, the type of logits"}},
      .fusion = FusionKind::kReduction,
      .infer = infer_softmax_cross_entropy,  // softmax_cross_entropy_c1, _c2, _c3
      .gradient = grad_softmax_cross_entropy,
      .decompose = decompose_softmax_cross_entropy,
  };
}

}  // namespace dlc::ir
