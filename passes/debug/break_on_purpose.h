// A pass that is wrong, for the tests of what finds wrong passes. No pipeline holds it.
#pragma once

#include "passes/pass.h"

namespace dlc::passes {

/// sub(x, y) becomes sub(y, x) where y is a product.
Expected<bool> run_break_on_purpose(ir::Function& function, PassContext& context);

}  // namespace dlc::passes
