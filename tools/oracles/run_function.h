// Compiles a function and runs it once, on arrays, with the arena poisoned: whole compiled programs as
// tests and tools look at them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "backend/compiler.h"
#include "support/array.h"

namespace dlc::oracles {

struct RunOutcome {
  std::vector<Array> results;  ///< fetches and updates, in the function's order
  std::optional<Error> fault;
  std::vector<Array> params;  ///< variables as the run left them
};

/// Runs a program with the arena and the results poisoned and the gaps between buffers checked; an
/// Error when something was written there.
Expected<RunOutcome> run_program(const std::shared_ptr<const backend::Program>& program,
                                 const std::vector<Array>& params, int threads = 1);

}  // namespace dlc::oracles
