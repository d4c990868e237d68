// Recognition: what users write by hand becomes the op that computes it stably. Runs before
// differentiation, so that the gradient is the stable closed form too, and after canonicalize and
// cse, whose forms it expects.
//
// The rules of SEMANTICS hold for each pattern: it may remove a NaN or an overflow and never adds
// one; it replaces its root whoever else uses the parts, and those users keep them.
#pragma once

#include "passes/pass.h"
#include "passes/pattern_set.h"

namespace dlc::passes {

/// softmax, log_softmax, and logsumexp with the maximum taken out.
void add_softmax_patterns(PatternSet& set);
/// softmax_cross_entropy, and its sparse form for labels that are class numbers.
void add_cross_entropy_patterns(PatternSet& set);

Expected<bool> run_recognize_softmax(ir::Function& function, PassContext& context);
Expected<bool> run_recognize_cross_entropy(ir::Function& function, PassContext& context);

}  // namespace dlc::passes
