#include "frontend/graph/expand_context.h"
#include "frontend/graph/make_node.h"
#include "frontend/ops/labels.h"
#include "frontend/ops/nn.h"

namespace dlc {

using ir::Value;

namespace {

std::vector<Value> expand_sigmoid_cross_entropy(ExpandContext& c) {
  c.need_float(1);
  const Value labels = labels_like_logits(c), z = c.operand(1);
  // By select, not by max and abs: both branches then have their one-sided derivatives at 0, which sum
  // to 1/2 - label.
  const Value zero = c.b.full_like(z, 0);
  const Value positive = c.b.compare("ge", z, zero);
  const Value larger = c.b.select(positive, z, zero), minus_abs = c.b.select(positive, c.b.neg(z), z);
  return {c.b.add(c.b.sub(larger, c.b.mul(z, labels)), c.b.op(ir::OpKind::kLog1p, {c.b.exp(minus_abs)}))};
}

}  // namespace

OpSpec sigmoid_cross_entropy_with_logits_spec() {
  return {.name = "sigmoid_cross_entropy_with_logits",
          .category = "losses",
          .doc = "max(z, 0) - z * label + log(1 + e^-|z|), element by element.",
          .operands = {{"labels", "probabilities"}, {"logits", "of the type of labels"}},
          .expand = expand_sigmoid_cross_entropy};
}

Tensor sigmoid_cross_entropy_with_logits(const CrossEntropyArgs& args) {
  return apply("sigmoid_cross_entropy_with_logits", {args.labels, args.logits}, {}, args.name);
}

}  // namespace dlc
