#include "runtime/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <unistd.h>

#include <atomic>
#include <cfenv>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "runtime/affinity.h"

namespace dlc::runtime {
namespace {

using ::testing::Each;

constexpr FpMode kFlush = FpMode::kFlushSubnormals;

/// A region over a C++ callable.
template <typename F>
void run(ThreadPool& pool, int64_t n, F f, FpMode mode = kFlush) {
  pool.parallel_for(
      nullptr, n, [](dlc_context*, int64_t chunk, void* closure) { (*static_cast<F*>(closure))(chunk); }, &f, mode);
}

/// Keeps chunks busy until `wanted` different threads have come, or for ten seconds.
size_t distinct_threads(ThreadPool& pool, size_t wanted) {
  std::mutex mutex;
  std::set<std::thread::id> seen;
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return seen.size();
  };
  run(pool, 64, [&](int64_t) {
    {
      const std::lock_guard lock(mutex);
      seen.insert(std::this_thread::get_id());
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (count() < wanted && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  });
  return count();
}

/// This thread's floating-point control word, without the sticky flags.
uint32_t control() { return _mm_getcsr() & ~0x3Fu; }

class ThreadPoolThreads : public ::testing::TestWithParam<int> {};

TEST_P(ThreadPoolThreads, EveryChunkRunsOnce) {
  ThreadPool pool({.num_threads = GetParam()});
  for (const int64_t n : {0, 1, 2, 3, 17, 256}) {
    std::vector<std::atomic<int>> runs(static_cast<size_t>(n));
    for (int round = 0; round < 20; ++round) run(pool, n, [&](int64_t i) { ++runs[static_cast<size_t>(i)]; });
    for (const std::atomic<int>& r : runs) EXPECT_EQ(r, 20);
  }
}

TEST_P(ThreadPoolThreads, AsManyThreadsAsAskedFor) {
  const auto threads = static_cast<size_t>(GetParam());
  ThreadPool pool({.num_threads = GetParam()});
  EXPECT_EQ(pool.num_threads(), GetParam());
  EXPECT_EQ(distinct_threads(pool, threads), threads);
}

TEST_P(ThreadPoolThreads, WhatChunksWroteIsVisible) {
  ThreadPool pool({.num_threads = GetParam()});
  std::vector<int64_t> values(32);
  for (int64_t round = 1; round <= 2000; ++round) {
    run(pool, 32, [&](int64_t i) { values[static_cast<size_t>(i)] += i; });
    if (round % 500 == 0) {
      for (int64_t i = 0; i < 32; ++i) EXPECT_EQ(values[static_cast<size_t>(i)], i * round);
    }
  }
}

TEST_P(ThreadPoolThreads, ManyCallersAtOnce) {
  ThreadPool pool({.num_threads = GetParam()});
  constexpr int kCallers = 8;
  std::vector<int64_t> sums(kCallers);
  std::vector<std::thread> callers;
  for (int c = 0; c < kCallers; ++c) {
    callers.emplace_back([&, c] {
      for (int round = 0; round < 200; ++round) {
        std::atomic<int64_t> sum{0};
        run(pool, 10, [&](int64_t i) { sum += i * (c + 1); });
        sums[static_cast<size_t>(c)] += sum;
      }
    });
  }
  for (std::thread& t : callers) t.join();
  for (int c = 0; c < kCallers; ++c) EXPECT_EQ(sums[static_cast<size_t>(c)], 200 * 45 * (c + 1));
}

TEST_P(ThreadPoolThreads, NestedCallRunsSeriallyOnItsThread) {
  ThreadPool pool({.num_threads = GetParam()});
  std::atomic<int> inner{0}, elsewhere{0};
  run(pool, 8, [&](int64_t) {
    const std::thread::id self = std::this_thread::get_id();
    int64_t expected = 0;
    run(pool, 5, [&](int64_t i) {
      ++inner;
      if (std::this_thread::get_id() != self || i != expected++) ++elsewhere;
    });
  });
  EXPECT_EQ(inner, 40);
  EXPECT_EQ(elsewhere, 0);
}

TEST_P(ThreadPoolThreads, FloatingPointStateOfEveryChunkAndAfter) {
  ThreadPool pool({.num_threads = GetParam()});
  const uint32_t before = _mm_getcsr();
  _mm_setcsr(before | 0x6000);  // the host rounds toward zero
  const uint32_t hosts = control();
  for (const FpMode mode : {FpMode::kFlushSubnormals, FpMode::kKeepSubnormals}) {
    std::vector<uint32_t> states(64);
    std::vector<float> halves(64);
    volatile float smallest_normal = std::numeric_limits<float>::min();
    run(
        pool, 64,
        [&](int64_t i) {
          states[static_cast<size_t>(i)] = control();
          halves[static_cast<size_t>(i)] = smallest_normal * 0.5f;
        },
        mode);
    EXPECT_THAT(states, Each(FpStateGuard::control_word(mode)));
    const float half = mode == kFlush ? 0.0f : std::ldexp(1.0f, -127);
    EXPECT_THAT(halves, Each(half));
    EXPECT_EQ(control(), hosts);
  }
  _mm_setcsr(before);
}

INSTANTIATE_TEST_SUITE_P(Counts, ThreadPoolThreads, ::testing::Values(1, 2, 4));

TEST(ThreadPool, ManyPoolsComeAndGo) {
  for (int round = 0; round < 50; ++round) {
    ThreadPool pool({.num_threads = 2 + round % 3});
    std::atomic<int> runs{0};
    run(pool, 8, [&](int64_t) { ++runs; });
    EXPECT_EQ(runs, 8);
  }
}

TEST(ThreadPool, IdleItUsesNoProcessorTime) {
  ThreadPool pool({.num_threads = 4});
  distinct_threads(pool, 4);
  // Helpers look for work a while before they sleep.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  // One thread that looked for work all the time would use 500 ms.
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 40);
}

/// Runs a region on a user's arena whose only worker is busy elsewhere until `release`. Returns the number of
/// chunks that were run.
int run_beside_a_busy_worker(tbb::task_arena& arena, const std::atomic<bool>& release) {
  std::atomic<bool> started{false};
  arena.enqueue([&] {
    started = true;
    while (!release) std::this_thread::yield();
  });
  while (!started) std::this_thread::yield();
  ThreadPool pool({.task_arena = &arena});
  std::atomic<int> runs{0};
  run(pool, 100, [&](int64_t) { ++runs; });
  return runs;
}

// The worker may outlive a test, and be cut short by the end of the process.
std::atomic<bool> release_worker{false};

TEST(ThreadPool, CallerDoesNotWaitForHelpersThatNeverCome) {
  tbb::task_arena arena(2, 1);
  EXPECT_EQ(run_beside_a_busy_worker(arena, release_worker), 100);
  release_worker = true;
}

#ifndef DLC_STD_PARALLEL
/// The process ends while a helper is on its way: LeakSanitizer, where it looks, finds nothing.
TEST(ThreadPoolDeathTest, AHelperThatNeverCameIsNoLeak) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        static tbb::task_arena arena(2, 1);
        const int runs = run_beside_a_busy_worker(arena, release_worker);
        std::exit(runs == 100 ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

/// From now on this process may start no thread. False when the system does not see to that.
bool allow_no_threads() {
  constexpr uid_t kNobody = 65534;  // root has no limit
  if (geteuid() == 0 && setresuid(kNobody, kNobody, kNobody) != 0) return false;
  const struct rlimit one = {1, 1};
  return setrlimit(RLIMIT_NPROC, &one) == 0;
}

/// In a container with a limit of processes no thread may be to be had: the caller does all the work.
TEST(ThreadPoolDeathTest, WithoutAThreadTheCallerDoesAllTheWork) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const bool limited = allow_no_threads();
        ThreadPool pool({.num_threads = 2});
        std::atomic<int> runs{0};
        for (int i = 0; i < 3; ++i) run(pool, 100, [&](int64_t) { ++runs; });
        std::_Exit(limited && runs == 300 ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}
#endif

TEST(ThreadPool, CallerIsNeverBound) {
  const std::vector<int> before = allowed_cpus();
  {
    ThreadPool pool({.num_threads = 2});
    distinct_threads(pool, 2);
    EXPECT_EQ(allowed_cpus(), before);
  }
  EXPECT_EQ(allowed_cpus(), before);
}

#ifndef DLC_STD_PARALLEL
TEST(ThreadPool, WorkersAreBoundApartAndFreedWithThePool) {
  const size_t cpus = allowed_cpus().size();
  if (cpus < 2) GTEST_SKIP() << "needs two CPUs";
  const std::thread::id caller = std::this_thread::get_id();
  std::vector<int> workers_cpus;
  std::mutex mutex;
  const auto observe = [&](ThreadPool& pool) {
    workers_cpus.clear();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (workers_cpus.empty() && std::chrono::steady_clock::now() < deadline) {
      run(pool, 8, [&](int64_t) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (std::this_thread::get_id() == caller) return;
        const std::lock_guard lock(mutex);
        workers_cpus = allowed_cpus();
      });
    }
  };
  {
    ThreadPool bound({.num_threads = 2});
    observe(bound);
    EXPECT_EQ(workers_cpus.size(), 1u);
  }
  ThreadPool free({.num_threads = 2, .bind_workers = false});
  observe(free);
  EXPECT_EQ(workers_cpus.size(), cpus);
}

TEST(ThreadPool, HelpersRunInTheUsersArena) {
  tbb::task_arena arena(2, 1);
  ThreadPool pool({.task_arena = &arena});
  EXPECT_EQ(pool.num_threads(), 2);
  EXPECT_EQ(distinct_threads(pool, 2), 2u);
}

/// Tasks of the host's own run on the same workers and leave their state behind: no chunk sees it, and
/// the caller's is as it was. Every thread is counted.
TEST(ThreadPool, FloatingPointStateAfterAHostsTaskChangedIt) {
  constexpr uint32_t kHosts = 0x1F80 | 0x4000;  // rounds up, keeps subnormals
  constexpr int kThreads = 4;
  const uint32_t before = _mm_getcsr();
  tbb::task_arena arena(kThreads, 1);
  const tbb::global_control allow(tbb::global_control::max_allowed_parallelism, kThreads);
  ThreadPool pool({.task_arena = &arena});
  std::mutex mutex;
  std::set<std::thread::id> changed, worked;
  std::vector<uint32_t> states;
  // Waits a little for the others, so that no thread takes two.
  const auto meet = [&](std::set<std::thread::id>& here, auto&& act) {
    {
      const std::lock_guard lock(mutex);
      act();
      here.insert(std::this_thread::get_id());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  };
  for (int round = 0; round < 200 && (changed.size() < kThreads || worked.size() < kThreads); ++round) {
    arena.execute([&] { tbb::parallel_for(0, kThreads, [&](int) { meet(changed, [] { _mm_setcsr(kHosts); }); }); });
    _mm_setcsr(kHosts);
    run(pool, kThreads, [&](int64_t) { meet(worked, [&] { states.push_back(control()); }); });
    EXPECT_EQ(control(), kHosts);
  }
  _mm_setcsr(before);
  EXPECT_EQ(changed.size(), static_cast<size_t>(kThreads));
  EXPECT_EQ(worked.size(), static_cast<size_t>(kThreads));
  EXPECT_THAT(states, Each(FpStateGuard::control_word(kFlush)));
}
#endif

}  // namespace
}  // namespace dlc::runtime
