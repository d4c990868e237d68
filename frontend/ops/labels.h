// What the losses on dense labels share.
#pragma once

#include "frontend/graph/expand_context.h"

namespace dlc {

/// Operand 0, labels, of exactly the type of operand 1, logits. Returns labels with the dims of logits.
ir::Value labels_like_logits(ExpandContext& c);

}  // namespace dlc
