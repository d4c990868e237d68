// Checks for NaN and infinities on the values of the user's nodes.
#pragma once

#include "ir/function.h"
#include "passes/pass.h"

namespace dlc::passes {

/// Pass check-numerics: a check_numerics op behind each value of a node that others read, where its
/// op can make a NaN or an infinity of finite numbers. What is inside a node (an exp that overflows in
/// a sigmoid, whose value is 0 all the same) is the node's own affair. Runs last before fusion, so that
/// checks keep nothing from being simplified, and rounding is the same with them and without.
Expected<bool> run_check_numerics(ir::Function& function, PassContext& context);

}  // namespace dlc::passes
