// Reduces a function to a small one that still has a property (delta debugging, after A. Zeller and
// R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002, on ops instead of text).
#pragma once

#include <functional>
#include <memory>

#include "ir/function.h"

namespace dlc::tools {

/// Whether a candidate still has the property. Candidates are valid: they verify.
using Interesting = std::function<bool(const ir::Function&)>;

/// Fewer results, and earlier ones; ops cut off, their results becoming parameters; ops bypassed by an operand; smaller
/// sizes; plain names; until nothing more can go. `function` is interesting, and so is the result.
std::unique_ptr<ir::Function> reduce_function(const ir::Function& function, const Interesting& interesting);

}  // namespace dlc::tools
