// Where a ThreadPool's helper threads come from: oneTBB (tbb_helpers.cpp), or plain std::threads
// (std_helpers.cpp) in the build for ThreadSanitizer, which does not see into Debian's oneTBB.
#pragma once

#include <memory>

#include "runtime/parallel.h"

namespace dlc::runtime {

/// What a helper does once it has a thread: serve regions until none has come for a while.
class HelperWork {
 public:
  virtual ~HelperWork() = default;
  virtual void help() noexcept = 0;
};

class HelperSource {
 public:
  virtual ~HelperSource() = default;
  /// Asks for one more thread to call work->help() once, soon. Never blocks for long; a source that
  /// cannot start a thread drops the request. `work` is kept alive until then.
  virtual void summon(std::shared_ptr<HelperWork> work) = 0;
  /// Nobody summons any more; what the source has of threads goes. Helpers that were summoned may come still: the
  /// work that they hold keeps the source.
  virtual void end() noexcept = 0;
};

/// `num_helpers`: threads besides the caller.
std::unique_ptr<HelperSource> make_helper_source(const ThreadPoolOptions& options, int num_helpers);

/// The number of threads that `options` ask for, the caller included.
int resolve_num_threads(const ThreadPoolOptions& options);

}  // namespace dlc::runtime
