// Runs a plan with the loops interpreter: what compiled code must equal bit for bit. Every buffer
// lies in memory of its own, so that an access outside of it, a race, and a read of what was never
// written are found.
#pragma once

#include <vector>

#include "backend/plan/plan.h"
#include "support/array.h"
#include "tests/backend/compile_testing.h"

namespace dlc::backend::testing {

/// The plan of a clone of `f`, as compile() makes it for this machine.
Plan plan_function(const ir::Function& f, bool fuse = true);

/// The places of the launches that write to parameter `param`.
std::vector<size_t> writers(const Plan& plan, int param);
/// The number of launches before the border of the phases; that of all if the plan has none.
size_t calls_in_phase_1(const Plan& plan);

/// kResourceExhausted when a kernel needs more than `max_steps` instructions. `chunk_seed`: the
/// order in which chunks run.
Expected<RunOutcome> interpret_plan(const Plan& plan, const ir::SymbolBinding& binding,
                                    const std::vector<Array>& params, uint64_t chunk_seed = 0,
                                    int64_t max_steps = int64_t{1} << 40);

}  // namespace dlc::backend::testing
