// Compiles a function and runs it once, on arrays, with the arena poisoned: whole compiled programs as
// tests and tools look at them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "backend/compiler.h"
#include "support/array.h"

namespace dlc::oracles {

struct RunOutcome {
  std::vector<Array> results;  ///< fetches and updates, in the function's order
  std::optional<Error> fault;
  std::vector<Array> params;  ///< variables as the run left them
};

/// What runs on several threads had to share: a number of threads can make a difference only where a
/// parallel region has several chunks.
struct Regions {
  int64_t split = 0;   ///< regions of several chunks
  int64_t shared = 0;  ///< of these, the ones on which as many threads worked as there could
  std::set<std::thread::id> threads;
};

/// Runs a program with the arena and the results poisoned and the gaps between buffers checked; an
/// Error when something was written there. With `regions`, chunks wait a while for each other, so that
/// even a short region runs on all threads.
Expected<RunOutcome> run_program(const std::shared_ptr<const backend::Program>& program,
                                 const std::vector<Array>& params, int threads = 1, Regions* regions = nullptr);

}  // namespace dlc::oracles
