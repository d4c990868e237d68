// ThreadPool: the parallel-for that compiled code calls.
//
//   runtime::ThreadPool pool({.num_threads = 2});
//   pool.parallel_for(context, n_chunks, fn, closure, FpMode::kFlushSubnormals);
//
// A region is a ticket counter that the caller itself drains. Helpers are optional: if none comes,
// the caller does all the work. The caller waits for nothing but chunks of its own region and runs
// nobody else's tasks meanwhile, so a lock it holds cannot come back to it through a stolen task.
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/abi.h"
#include "runtime/fp_state.h"
#include "support/visibility.h"

namespace dlc::runtime {

struct DLC_PUBLIC ThreadPoolOptions {
  /// Threads that work on a region, the caller included. 0: as many as the CPUs this process may
  /// use, or, with `task_arena`, as that arena has slots. 1: everything runs on the caller and
  /// oneTBB is never touched.
  int num_threads = 0;
  /// Binds each worker to a CPU of its own (never the caller), if there are enough CPUs. Two
  /// threads that share a core halve each other's speed, and the kernel is slow to part them. Has
  /// no effect with `task_arena`, whose threads are not ours.
  bool bind_workers = true;
  /// A tbb::task_arena of the user's in which helpers run, or null: then the pool owns one. It must
  /// outlive the last region that runs on the pool. (void*: users of the pool need no TBB header.)
  void* task_arena = nullptr;
};

/// Thread-safe: any number of threads may run regions at the same time; they share the helpers.
/// Threads are started by the first region that can use them, never before.
class DLC_PUBLIC ThreadPool {
 public:
  explicit ThreadPool(ThreadPoolOptions options = {});
  /// No region may be running.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Threads that work on a region at most, the caller included; at least 1.
  int num_threads() const { return num_threads_; }

  /// Calls fn(context, i, closure) once for each i in [0, n_chunks), in any order and on any of the
  /// threads, each under the floating-point state of `mode`; returns when all calls have returned,
  /// and what they wrote is visible. `fn` must not throw. A call from inside a chunk runs serially.
  void parallel_for(dlc_context* context, int64_t n_chunks, dlc_task_fn fn, void* closure, FpMode mode);

 private:
  class Impl;
  int num_threads_ = 1;
  std::shared_ptr<Impl> impl_;  // shared with helpers that are on their way; null for one thread
};

/// The same contract on the calling thread alone, chunks in ascending order.
void serial_for(dlc_context* context, int64_t n_chunks, dlc_task_fn fn, void* closure, FpMode mode);

/// CPUs that the calling thread may run on; at least 1.
int num_allowed_cpus();

}  // namespace dlc::runtime
