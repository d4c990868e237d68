// Watcher: who looks on while a program runs. A context without one pays nothing for it.
#pragma once

#include <chrono>
#include <cstdint>
#include "support/visibility.h"

namespace dlc::runtime {

class DLC_PUBLIC Watcher {
 public:
  using Clock = std::chrono::steady_clock;
  virtual ~Watcher() = default;
  /// Whether a chunk that is about to run is left out: the run is given up. Called as chunk_ran is.
  virtual bool skips_chunks() noexcept { return false; }
  /// A chunk of a parallel loop has run on the calling thread, which holds no lock. Several threads
  /// call at the same time, between frames of generated code: nothing may be thrown.
  virtual void chunk_ran(int64_t chunk, Clock::time_point start, Clock::time_point end) noexcept = 0;
};

}  // namespace dlc::runtime
