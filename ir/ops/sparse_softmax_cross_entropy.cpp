#include <algorithm>
#include <cmath>

#include "ir/ops/elementwise.h"
#include "ir/ops/softmax.h"

namespace dlc::ir {
namespace {

// sparse_softmax_cross_entropy_c1: logits of rank >= 1. _c2: labels have the dimensions of the
// logits without the last. _c3: C is not 0.
Expected<std::vector<TensorType>> infer(const InferContext& c) {
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

/// [..., C] bool: whether the class is the label's.
Value is_label(Builder& b, Value labels, const Dims& dims) {
  const auto axis = static_cast<int64_t>(dims.size()) - 1;
  const Value classes = b.op(OpKind::kIota, {}, {{"dims", dims}, {"dtype", labels.dtype()}, {"axis", axis}});
  return b.compare("eq", classes, b.unreduce(labels, dims, {axis}));
}

/// d logits = softmax(logits) - one_hot(labels).
Gradients gradient(GradContext& g) {
  Builder& b = g.b;
  const Value logits = g.operand(0);
  const int64_t axis = logits.rank() - 1;
  const Value dy = b.unreduce(g.result_grad(), logits.dims(), {axis});
  const Value softmax = b.op(OpKind::kSoftmax, {logits}, {{"axis", axis}});
  const Value one_hot = b.convert(is_label(b, g.operand(1), logits.dims()), logits.dtype());
  return {b.mul(dy, b.sub(softmax, one_hot)), {}};
}

/// Label i clamped to [0, C); one outside is a fault of element i.
template <typename Label>
int64_t checked_label(const ReferenceContext& c, std::span<const Label> labels, size_t i, int64_t classes) {
  const auto label = static_cast<int64_t>(labels[i]);
  if (label < 0 || label >= classes) c.report(static_cast<int64_t>(i), label);
  return std::max<int64_t>(std::min(label, classes - 1), 0);
}

/// log(sum(exp(x - m))) - (x[label] - m), with the m and the total of SoftmaxRows.
template <typename T>
T row_loss(std::span<const T> row, int64_t label) {
  T top = std::numeric_limits<T>::lowest();
  for (const T x : row) top = propagating_max(x, top);
  T total = 0;
  for (const T x : row) total += static_cast<T>(std::exp(static_cast<Wide<T>>(x - top)));
  const T log_total = static_cast<T>(std::log(static_cast<Wide<T>>(propagating_max(total, T{1}))));
  return log_total - (row[static_cast<size_t>(label)] - top);
}

std::vector<Array> reference(const ReferenceContext& c) {
  Array out = c.make_result();
  const Array &logits = c.operands[0], &labels = c.operands[1];
  const auto classes = static_cast<size_t>(logits.shape().back());
  const auto run = [&]<typename T, typename Label>() {
    const auto to = out.data<T>();
    for (size_t i = 0; i < to.size(); ++i) {
      const int64_t label = checked_label(c, labels.data<Label>(), i, static_cast<int64_t>(classes));
      // Without classes (a symbol that is 0) every label faults and there is nothing to read.
      to[i] = classes == 0 ? T{0} : row_loss(logits.data<T>().subspan(i * classes, classes), label);
    }
  };
  const bool narrow = labels.dtype() == kInt32;
  if (logits.dtype() == kFloat32)
    narrow ? run.operator()<float, int32_t>() : run.operator()<float, int64_t>();
  else
    narrow ? run.operator()<double, int32_t>() : run.operator()<double, int64_t>();
  return {out};
}

/// As softmax_cross_entropy, the label's term picked by selecting zeros elsewhere. The fault of a
/// label outside its range is not part of it: such a row has no term, and the loss is 0.
std::vector<Value> decompose(Builder& b, Op& op) {
  const Value logits = op.operand(0);
  const int64_t axis = logits.rank() - 1;
  const SoftmaxRows rows = softmax_rows(b, logits, axis);
  const Value log_total = b.unreduce(b.log(rows.total), logits.dims(), {axis});
  const Value negative_log = b.sub(log_total, rows.shifted);
  const Value picked =
      b.select(is_label(b, op.operand(1), logits.dims()), negative_log, b.full_like(negative_log, 0.0));
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
      .infer = infer,  // sparse_softmax_cross_entropy_c1, _c2, _c3
      .gradient = gradient,
      .reference = reference,
      .decompose = decompose,
  };
}

}  // namespace dlc::ir
