// Fusion made visible: see DESIGN "Fusion is visible".
#pragma once

#include "ir/function.h"
#include "passes/fusion/fusion_log.h"
#include "passes/pass.h"
#include "support/expected.h"

namespace dlc::passes {

/// Pass fuse: every op in a `fusion` region (a kernel each) or a reshape (an alias of a buffer). With PassOptions::fuse
/// off every op is a kernel of its own: the same bits, for the tests. Composites must have been decomposed and
/// reductions split (decompose, split-reductions). PassContext::fusion_log is told what came together and why other
/// things did not.
Expected<bool> run_fuse(ir::Function& function, PassContext& context);

}  // namespace dlc::passes
