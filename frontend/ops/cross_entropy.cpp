// softmax log_softmax, and the losses on logits.
#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/nn.h"

namespace dlc {

using ir::Value;

namespace {

template <ir::OpKind kind>
std::vector<Value> expand_softmax(ExpandContext& c) {
  c.need_float(0);
  c.need_rank_at_least(0, 1);
  const Value x = c.operand(0);
  return {c.b.op(kind, {x}, {{"axis", c.axis_attr("axis", x.rank())}})};
}

OpSpec softmax_like(const char* name, const char* doc, OpSpec::Expand expand) {
  return {.name = name,
          .category = "activations",
          .doc = doc,
          .operands = {{"x", "f32 or f64, rank >= 1"}},
          .attrs = {default_attr("axis", int64_t{-1}, "negative from the end")},
          .expand = expand};
}

/// labels of exactly the type of logits.
void need_equal_types(ExpandContext& c) {
  const ir::TensorType &labels = c.operand(0).type(), &logits = c.operand(1).type();
  if (labels.dtype != logits.dtype || labels.rank() != logits.rank())
    c.fail(ErrorCode::kInvalidShape, "labels and logits need one type, got {} and {}{}", labels, logits,
           is_int(labels.dtype) ? "; for class numbers there is sparse_softmax_cross_entropy_with_logits" : "");
  for (int64_t i = 0; i < labels.rank(); ++i)
    c.require(labels.dim(i), logits.dim(i), fmt::format("labels {} and logits {}, axis {}", labels, logits, i));
}

std::vector<Value> expand_dense(ExpandContext& c) {
  c.need_float(1);
  c.need_rank_at_least(1, 1);
  need_equal_types(c);
  Value labels = c.operand(0), logits = c.operand(1);
  const int64_t last = logits.rank() - 1, axis = c.axis_attr("axis", logits.rank());
  if (labels.dims() != logits.dims()) labels = c.b.reshape(labels, logits.dims());
  if (axis != last) {  // the IR has the classes last
    ir::Ints permutation;
    for (int64_t i = 0; i <= last; ++i)
      if (i != axis) permutation.push_back(i);
    permutation.push_back(axis);
    labels = c.b.transpose(labels, permutation);
    logits = c.b.transpose(logits, permutation);
  }
  return {c.b.op(ir::OpKind::kSoftmaxCrossEntropy, {logits, labels})};
}

std::vector<Value> expand_sparse(ExpandContext& c) {
  c.need_index(0);
  c.need_float(1);
  c.need_rank_at_least(1, 1);
  const ir::TensorType &labels = c.operand(0).type(), &logits = c.operand(1).type();
  if (labels.rank() != logits.rank() - 1)
    c.fail(ErrorCode::kInvalidShape, "labels need the dimensions of logits without the last, got {} and {}", labels,
           logits);
  for (int64_t i = 0; i < labels.rank(); ++i)
    c.require(labels.dim(i), logits.dim(i), fmt::format("labels {} and logits {}, axis {}", labels, logits, i));
  return {c.b.op(ir::OpKind::kSparseSoftmaxCrossEntropy, {c.operand(1), c.operand(0)})};
}

std::vector<Value> expand_sigmoid(ExpandContext& c) {
  c.need_float(1);
  need_equal_types(c);
  Value labels = c.operand(0);
  const Value z = c.operand(1);
  if (labels.dims() != z.dims()) labels = c.b.reshape(labels, z.dims());
  // By select, not by max and abs: both branches then have their one-sided derivatives at 0, which sum
  // to 1/2 - label.
  const Value zero = c.b.full_like(z, 0);
  const Value positive = c.b.compare("ge", z, zero);
  const Value larger = c.b.select(positive, z, zero), minus_abs = c.b.select(positive, c.b.neg(z), z);
  return {c.b.add(c.b.sub(larger, c.b.mul(z, labels)), c.b.op(ir::OpKind::kLog1p, {c.b.exp(minus_abs)}))};
}

Tensor make(const char* op, const CrossEntropyArgs& args, ir::AttrMap attrs) {
  return apply(op, {args.labels, args.logits}, std::move(attrs), args.name);
}

}  // namespace

OpSpec softmax_spec() {
  return softmax_like("softmax", "e^x / sum(e^x) along `axis`, without overflow.",
                      expand_softmax<ir::OpKind::kSoftmax>);
}
OpSpec log_softmax_spec() {
  return softmax_like("log_softmax", "log(softmax(x)), without overflow.", expand_softmax<ir::OpKind::kLogSoftmax>);
}

OpSpec softmax_cross_entropy_with_logits_spec() {
  return {.name = "softmax_cross_entropy_with_logits",
          .category = "losses",
          .doc = "-sum(labels * log_softmax(logits)) along the classes.",
          .operands = {{"labels", "weights of the classes"}, {"logits", "of the type of labels"}},
          .attrs = {default_attr("axis", int64_t{-1}, "of the classes")},
          .expand = expand_dense};
}
OpSpec sparse_softmax_cross_entropy_with_logits_spec() {
  return {.name = "sparse_softmax_cross_entropy_with_logits",
          .category = "losses",
          .doc = "-log_softmax(logits)[label]; a label outside [0, C) fails the run.",
          .operands = {{.name = "labels", .doc = "class numbers, i32 or i64", .dtype_group = -1},
                       {"logits", "the dimensions of labels, then the classes"}},
          .expand = expand_sparse};
}
OpSpec sigmoid_cross_entropy_with_logits_spec() {
  return {.name = "sigmoid_cross_entropy_with_logits",
          .category = "losses",
          .doc = "max(z, 0) - z * label + log(1 + e^-|z|), element by element.",
          .operands = {{"labels", "probabilities"}, {"logits", "of the type of labels"}},
          .expand = expand_sigmoid};
}

Tensor softmax(const TensorArg& x, int64_t axis, std::string_view name) {
  return apply("softmax", {x}, {{"axis", axis}}, name);
}
Tensor log_softmax(const TensorArg& x, int64_t axis, std::string_view name) {
  return apply("log_softmax", {x}, {{"axis", axis}}, name);
}
Tensor softmax_cross_entropy_with_logits(const CrossEntropyArgs& args) {
  return make("softmax_cross_entropy_with_logits", args, {{"axis", args.axis}});
}
Tensor sparse_softmax_cross_entropy_with_logits(const CrossEntropyArgs& args) {
  return make("sparse_softmax_cross_entropy_with_logits", args, {});
}
Tensor sigmoid_cross_entropy_with_logits(const CrossEntropyArgs& args) {
  return make("sigmoid_cross_entropy_with_logits", args, {});
}

}  // namespace dlc
