// The rules a kernel obeys, checked on its structure alone: every value is defined once, before
// and around its uses; operands and results have the types their instruction asks for; blocks end
// with one yield of the right values; `parallel` stands at the top level only; buffers and scalars
// that are named exist; what is stored to is marked written; scratch stays small.
#pragma once

#include "backend/loops/loops.h"
#include "support/expected.h"

namespace dlc::backend::loops {

/// All scratch of a kernel together: it lies on the stacks of workers.
inline constexpr int64_t kMaxScratchBytes = 64 * 1024;
inline constexpr int kMaxLanes = 64;

/// The first broken rule, as an error of code kInternal (kernels are made by dlc, not by users)
/// that quotes the instruction.
Expected<void> verify(const Kernel& kernel);

}  // namespace dlc::backend::loops
