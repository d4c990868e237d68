// What the updates of optimisers share: checks of their operands.
#pragma once

#include "frontend/graph/expand_context.h"

namespace dlc {

/// Operand `i`, a hyper-parameter: rank 0; stretched to `like`.
ir::Value hyper_parameter(ExpandContext& c, int i, ir::Value like);
/// Operand `i`, a gradient: of the type of the variable `like`.
ir::Value gradient_operand(ExpandContext& c, int i, ir::Value like);

}  // namespace dlc
