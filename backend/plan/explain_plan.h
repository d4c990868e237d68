#pragma once

#include "backend/explanation.h"
#include "backend/plan/plan.h"

namespace dlc::backend {

/// Fills in what the plan says under `binding`: kernels, buffers, copies. An Error of Dim::evaluate for a
/// symbol without a size.
Expected<void> explain_plan(const Plan& plan, const ir::SymbolBinding& binding, Explanation& why);

}  // namespace dlc::backend
