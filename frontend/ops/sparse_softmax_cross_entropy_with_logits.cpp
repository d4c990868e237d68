#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/nn.h"

namespace dlc {

using ir::Value;

namespace {

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

}  // namespace

OpSpec sparse_softmax_cross_entropy_with_logits_spec() {
  return {.name = "sparse_softmax_cross_entropy_with_logits",
          .category = "losses",
          .doc = "-log_softmax(logits)[label]; a label outside [0, C) fails the run.",
          .operands = {{.name = "labels", .doc = "class numbers, i32 or i64", .dtype_group = -1},
                       {"logits", "the dimensions of labels, then the classes"}},
          .expand = expand_sparse};
}

Tensor sparse_softmax_cross_entropy_with_logits(const CrossEntropyArgs& args) {
  return apply("sparse_softmax_cross_entropy_with_logits", {args.labels, args.logits}, {}, args.name);
}

}  // namespace dlc
