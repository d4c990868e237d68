// Passes that leave only what schedules know.
#pragma once

#include "passes/pass.h"

namespace dlc::passes {

/// Pass decompose: composites become the simpler ops that define them.
Expected<bool> run_decompose(ir::Function& function, PassContext& context);
/// Pass split-reductions: a reduction over axes that are no neighbours becomes one per run of
/// neighbours, the last run first. With it the order of every reduction is fixed (backend/cpu/reduction.h).
Expected<bool> run_split_reductions(ir::Function& function, PassContext& context);

}  // namespace dlc::passes
