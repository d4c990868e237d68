#include "ir/ops/softmax_rows.h"

namespace dlc::ir {
namespace {

// sparse_softmax_cross_entropy_c1: logits of rank >= 1. _c2: labels have the dimensions of the
// logits without the last. _c3: C is not 0.
Expected<std::vector<TensorType>> infer_sparse_softmax_cross_entropy(const InferContext& c) {
  TensorType losses = c.operand(0);
  const TensorType& labels = c.operand(1);
  if (losses.rank() == 0)
    return c.error("sparse_softmax_cross_entropy_c1", "operand 'logits' needs rank >= 1, got {}", losses);
  if (labels.rank() != losses.rank() - 1)
    return c.error("sparse_softmax_cross_entropy_c2", "operand 'labels' needs rank {} for logits {}, got {}",
                   losses.rank() - 1, losses, labels);
  const std::string what =
      fmt::format("operand 'labels' needs the leading dimensions of logits {}, got {}", losses, labels);
  for (int64_t i = 0; i < labels.rank(); ++i)
    DLC_RETURN_IF_ERROR(c.require_equal("sparse_softmax_cross_entropy_c2", losses.dim(i), labels.dim(i), what));
  if (losses.dims.back().is(0))
    return c.error("sparse_softmax_cross_entropy_c3", "operand 'logits' needs at least one class, got {}", losses);
  losses.dims.pop_back();
  return std::vector{losses};
}

/// [..., C] bool: whether the class is the label's. The labels are looked up in the list of classes:
/// that clamps one outside [0, C) and records its fault.
Value is_label(Builder& b, Value labels, const Dims& dims) {
  const auto axis = static_cast<int64_t>(dims.size()) - 1;
  const auto iota = [&](const Dims& of, int64_t along) {
    return b.op(OpKind::kIota, {}, {{"dims", of}, {"dtype", labels.dtype()}, {"axis", along}});
  };
  const Value checked = b.op(OpKind::kGather, {iota({dims.back()}, 0), labels}, {{"axis", int64_t{0}}});
  return b.compare("eq", iota(dims, axis), b.unreduce(checked, dims, {axis}));
}

/// d logits = softmax(logits) - one_hot(labels). Checks the labels itself: a step that fetches no
/// loss has no other check.
Gradients grad_sparse_softmax_cross_entropy(GradContext& g) {
  Builder& b = g.b;
  const Value logits = g.operand(0);
  const int64_t axis = logits.rank() - 1;
  const Value dy = b.unreduce(g.result_grad(), logits.dims(), {axis});
  const Value softmax = b.op(OpKind::kSoftmax, {logits}, {{"axis", axis}});
  const Value one_hot = b.convert(is_label(b, g.operand(1), logits.dims()), logits.dtype());
  return {b.mul(dy, b.sub(softmax, one_hot)), {}};
}

/// As softmax_cross_entropy; the label's term is picked by zeros elsewhere.
std::vector<Value> decompose_sparse_softmax_cross_entropy(Builder& b, Op& op) {
  const Value logits = op.operand(0);
  const int64_t axis = logits.rank() - 1;
  const SoftmaxRows rows = softmax_rows(b, logits, axis);
  const Value log_total = b.unreduce(b.log(rows.total), logits.dims(), {axis});
  const Value losses = b.sub(log_total, rows.shifted);
  const Value picked = b.select(is_label(b, op.operand(1), logits.dims()), losses, b.full_like(losses, 0.0));
  return {b.reduce_sum(picked, {axis})};
}

}  // namespace

OpDef sparse_softmax_cross_entropy_op() {
  return {
      .doc =
          "-log_softmax(logits)[..., label] over the last axis. A label outside [0, C) faults (and counts as the\n"
          "nearest class).",
      .operands = {{"logits", TypeClass::kFloating, "[..., C], rank >= 1"},
                   {"labels", TypeClass::kIndex, "[...], class numbers"}},
      .fusion = FusionKind::kReduction,
      .can_fail = true,
      .infer = infer_sparse_softmax_cross_entropy,  // sparse_softmax_cross_entropy_c1, _c2, _c3
      .gradient = grad_sparse_softmax_cross_entropy,
      .decompose = decompose_sparse_softmax_cross_entropy,
  };
}

}  // namespace dlc::ir
