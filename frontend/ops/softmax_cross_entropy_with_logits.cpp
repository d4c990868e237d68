#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/labels.h"
#include "frontend/ops/nn.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_dense(ExpandContext& c) {
  c.need_float(1);
  c.need_rank_at_least(1, 1);
  Value labels = labels_like_logits(c), logits = c.operand(1);
  const int64_t last = logits.rank() - 1, axis = c.axis_attr("axis", logits.rank());
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

}  // namespace

OpSpec softmax_cross_entropy_with_logits_spec() {
  return {.name = "softmax_cross_entropy_with_logits",
          .category = "losses",
          .doc = "-sum(labels * log_softmax(logits)) along the classes.",
          .operands = {{"labels", "weights of the classes"}, {"logits", "of the type of labels"}},
          .attrs = {default_attr("axis", int64_t{-1}, "of the classes")},
          .expand = expand_dense};
}

Tensor softmax_cross_entropy_with_logits(const CrossEntropyArgs& args) {
  return apply("softmax_cross_entropy_with_logits", {args.labels, args.logits}, {{"axis", args.axis}}, args.name);
}

}  // namespace dlc
