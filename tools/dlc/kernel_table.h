// The profile of a step as a table, for `dlc bench --profile`.
#pragma once

#include <string>
#include <vector>

#include "frontend/session/explain.h"

namespace dlc::tools {

/// A line for each kernel call, those that take longest first: mean time of a run, share of all, GFLOP/s
/// and GB/s by the counts of the compiler, the user's nodes.
std::string kernel_table(std::vector<KernelProfile> rows);

}  // namespace dlc::tools
