#pragma once

#include "backend/explanation.h"
#include "backend/plan/plan.h"

namespace dlc::backend {

/// Fills in what the plan of a function without symbols says: kernels, buffers, copies. An Error of
/// Dim::evaluate for a symbol.
Expected<void> explain_plan(const Plan& plan, Explanation& why);

}  // namespace dlc::backend
