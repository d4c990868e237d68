#include "frontend/ops/labels.h"

namespace dlc {

ir::Value labels_like_logits(ExpandContext& c) {
  const ir::TensorType &labels = c.operand(0).type(), &logits = c.operand(1).type();
  if (labels.dtype != logits.dtype || labels.rank() != logits.rank())
    c.fail(ErrorCode::kInvalidShape, "labels and logits need one type, got {} and {}{}", labels, logits,
           is_int(labels.dtype) ? "; for class numbers there is sparse_softmax_cross_entropy_with_logits" : "");
  for (int64_t i = 0; i < labels.rank(); ++i)
    c.require(labels.dim(i), logits.dim(i), fmt::format("labels {} and logits {}, axis {}", labels, logits, i));
  // Equal sizes may be spelt differently.
  return labels.dims == logits.dims ? c.operand(0) : c.b.reshape(c.operand(0), logits.dims);
}

}  // namespace dlc
