// Sessions from many threads. The names put these tests among those that ThreadSanitizer runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <latch>
#include <thread>

#include "frontend/dlc.h"
#include "tests/frontend/session_testing.h"

namespace dlc {
namespace {

using testing::error_of;
using ::testing::HasSubstr;

class SessionThreads : public ::testing::Test {
 protected:
  SessionThreads() { reset_default_graph(); }
};

/// Runs `body(i)` on `count` threads that start together.
template <typename F>
void on_threads(int count, F&& body) {
  std::latch start(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      body(i);
    });
  for (std::thread& t : threads) t.join();
}

TEST_F(SessionThreads, ConcurrentWritersLoseNoUpdateAndReadersSeeWholeSteps) {
  constexpr int kWriters = 3, kReaders = 3, kRuns = 60;
  const Tensor x = placeholder(kFloat32, {"n"}, "x");
  const Tensor a = variable(zeros({64}), "a"), b = variable(zeros({64}), "b");
  const Operation step =
      group({assign_add(a, broadcast_to(reduce_sum(x), {64})), assign_add(b, broadcast_to(reduce_sum(x) * 2, {64}))});
  const Tensor gap = reduce_max(abs(a * 2 - b));
  Session session({.num_threads = 2});
  session.run(global_variables_initializer());
  std::atomic<int> torn{0}, failures{0};
  on_threads(kWriters + kReaders, [&](int i) {
    try {
      for (int k = 0; k < kRuns; ++k) {
        if (i < kWriters) {
          session.run(step, {{x, Array::full(kFloat32, {1 + k % 3}, 1)}});
        } else {
          const std::vector<Array> out = session.run({gap, a, b});
          if (out[0].item<float>() != 0 || out[1].at<float>({0}) * 2 != out[2].at<float>({63})) ++torn;
          session.value(a);
          session.stats();
        }
      }
    } catch (const Exception&) {
      ++failures;
    }
  });
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(session.value(a).at<float>({5}), kWriters * kRuns * 2.0f);
}

TEST_F(SessionThreads, ConcurrentCallablesOfOneStep) {
  const Tensor x = placeholder(kFloat32, {2000}, "x"), w = variable(3.0f, "w");
  const Tensor y = reduce_sum(x * w), next = assign_add(w, 0);
  Session session({.num_threads = 2});
  session.run(global_variables_initializer());
  std::atomic<int> wrong{0};
  on_threads(4, [&](int i) {
    Callable reader = session.prepare({y}, {{x, {kFloat32, {2000}}}}), writer = session.prepare({next});
    for (int k = 0; k < 50; ++k) {
      const float value = static_cast<float>(i + 1);
      if (reader({Array::full(kFloat32, {2000}, value)})[0].item<float>() != 6000 * value) ++wrong;
      writer();
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST_F(SessionThreads, ConcurrentFirstRunsCompileOnce) {
  const Tensor x = placeholder(kFloat32, {"n"}, "x");
  const Tensor y = reduce_sum(square(x));
  Session session({.num_threads = 2});
  std::atomic<int> wrong{0};
  on_threads(4, [&](int) {
    if (session.run(y, {{x, Array::full(kFloat32, {10}, 2)}}).item<float>() != 40) ++wrong;
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(session.stats().programs_compiled, 1);
}

TEST_F(SessionThreads, ConcurrentSessionsOverOneGraph) {
  const Tensor w = variable(1.0f, "w");
  const Tensor next = assign(w, w * 2);
  const Operation init = global_variables_initializer();
  const Graph graph = default_graph();  // each thread has a default graph of its own
  std::atomic<int> wrong{0};
  on_threads(4, [&](int i) {
    Session session(graph, {.num_threads = 1 + i % 2});
    session.run(init);
    for (int k = 0; k < i + 3; ++k) session.run(next);
    if (session.value(w).item<float>() != static_cast<float>(1 << (i + 3))) ++wrong;
  });
  EXPECT_EQ(wrong, 0);
}

TEST_F(SessionThreads, ConcurrentGraphsOfTheirOwn) {
  std::atomic<int> wrong{0};
  on_threads(4, [&](int i) {
    const Tensor w = variable(static_cast<float>(i), "w");
    const Operation train = GradientDescentOptimizer(0.1).minimize(square(w - 7));
    Session session({.num_threads = 2});
    session.run(global_variables_initializer());
    for (int k = 0; k < 100; ++k) session.run(train);
    if (std::abs(session.value(w).item<float>() - 7) > 1e-4f) ++wrong;
  });
  EXPECT_EQ(wrong, 0);
}

TEST_F(SessionThreads, ConcurrentFailuresStayWithTheirRuns) {
  const Tensor x = placeholder(kInt32, {3}, "x"), w = variable(Array::of<int32_t>({3}, {6, 6, 6}), "w");
  const Tensor quotient = floordiv(w, x), kept = assign(w, quotient * x);
  Session session({.num_threads = 2});
  session.run(global_variables_initializer());
  std::atomic<int> wrong{0};
  on_threads(4, [&](int i) {
    const Array good = Array::of<int32_t>({3}, {1, 2, 3}), bad = Array::of<int32_t>({3}, {1, 0, 3});
    for (int k = 0; k < 30; ++k) {
      const bool fails = (i + k) % 2 == 0;
      try {
        session.run({quotient, kept}, {{x, fails ? bad : good}});
        if (fails) ++wrong;
      } catch (const Exception& e) {
        if (!fails || e.code() != ErrorCode::kArithmetic) ++wrong;
      }
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(session.value(w).identical(Array::of<int32_t>({3}, {6, 6, 6})));
}

TEST_F(SessionThreads, ConcurrentDrawsTakeStatesOfTheirOwn) {
  constexpr int kThreads = 4, kRuns = 25;
  const Tensor r = random_uniform({4}, 0, 1, kFloat64);
  Session session({.num_threads = 2});
  const uint64_t start = session.rng_state();
  std::vector<std::vector<double>> drawn(kThreads);
  on_threads(kThreads, [&](int i) {
    for (int k = 0; k < kRuns; ++k) drawn[static_cast<size_t>(i)].push_back(session.run(r).at<double>({0}));
  });
  EXPECT_EQ(session.rng_state(), start + kThreads * kRuns);
  std::vector<double> all;
  for (const auto& d : drawn) all.insert(all.end(), d.begin(), d.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

/// One session, steps and sizes of each thread's own: programs are compiled side by side while others
/// run, are prepared and are looked up.
TEST_F(SessionThreads, ConcurrentStepsCompileSideBySide) {
  const Tensor x = placeholder(kFloat32, {"n"}, "x");
  std::vector<Tensor> steps;
  for (int k = 0; k < 4; ++k) steps.push_back(reduce_sum(x * static_cast<float>(k + 1)));
  for (const bool bind : {true, false}) {
    Session session({.num_threads = 2, .bind_dims = bind});
    std::atomic<int> wrong{0};
    on_threads(4, [&](int i) {
      for (int k = 0; k < 8; ++k) {
        const int64_t n = 1 + (i + k) % 5;
        const auto step = static_cast<size_t>((i + k) % 4);
        const Array ones = Array::full(kFloat32, {n}, 1);
        const auto expected = static_cast<float>(n * static_cast<int64_t>(step + 1));
        if (session.run(steps[step], {{x, ones}}).item<float>() != expected) ++wrong;
        Callable call = session.prepare({steps[step]}, {{x, {kFloat32, {n}}}});
        if (call({ones})[0].item<float>() != expected) ++wrong;
      }
    });
    EXPECT_EQ(wrong, 0);
  }
}

/// Some threads build graphs, differentiate, compile and train in sessions of their own, while others
/// run and prepare steps of a graph and a session that they share.
TEST_F(SessionThreads, ConcurrentBuildingPreparingAndRunning) {
  const Tensor x = placeholder(kFloat32, {"n", 3}, "x"), w = variable(ones({3, 2}), "w");
  const Tensor y = reduce_sum(matmul(x, w));
  const Operation bump = group({assign_add(w, zeros({3, 2}))});
  Session shared({.num_threads = 2});
  shared.run(global_variables_initializer());
  std::atomic<int> wrong{0};
  on_threads(6, [&](int i) {
    for (int k = 0; k < 4; ++k) {
      if (i % 2 == 0) {
        Graph graph;
        const Scope scope = graph.as_default();
        const Tensor v = variable(static_cast<float>(k), "v");
        const Tensor cost = square(v - static_cast<float>(i)) + reduce_sum(square(v * ones({1 + k})));
        const Operation train = GradientDescentOptimizer(0.1).minimize(cost);
        Session own({.num_threads = 1 + k % 2});
        own.run(global_variables_initializer());
        for (int step = 0; step < 100; ++step) own.run(train);
        // (v - i)^2 + m v^2 is least at i / (1 + m).
        if (std::abs(own.value(v).item<float>() - static_cast<float>(i) / static_cast<float>(2 + k)) > 1e-3f) ++wrong;
      } else {
        const int64_t n = 1 + (i + k) % 4;
        const Array in = Array::full(kFloat32, {n, 3}, 1);
        Callable call = shared.prepare({y}, {{x, {kFloat32, {n, 3}}}});
        for (int step = 0; step < 20; ++step) {
          if (call({in})[0].item<float>() != static_cast<float>(6 * n)) ++wrong;
          shared.run(bump);
          if (shared.run(y, {{x, in}}).item<float>() != static_cast<float>(6 * n)) ++wrong;
        }
      }
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST_F(SessionThreads, RunsInAnArenaOfTheCallers) {
  const Tensor x = placeholder(kFloat32, {"n"}, "x");
  const Tensor y = reduce_sum(exp(x)), z = exp(x) * 2;
  const Feeds feeds = {{x, Array::full(kFloat32, {300000}, 0.5)}};
  tbb::task_arena arena(2, 1);
  Session here({.num_threads = 1}), there({.task_arena = &arena});
  const std::vector<Array> expected = here.run({y, z}, feeds);
  for (int i = 0; i < 10; ++i) {
    const std::vector<Array> out = there.run({y, z}, feeds);
    EXPECT_TRUE(out[0].identical(expected[0]));
    EXPECT_TRUE(out[1].identical(expected[1]));
  }
  // Also from inside that arena, which its own helpers may be waiting in.
  arena.execute([&] { EXPECT_TRUE(there.run(y, feeds).identical(expected[0])); });
}

TEST_F(SessionThreads, OneThreadStartsNoOther) {
  const auto threads_of_this_process = [] {
    int n = 0;
    for ([[maybe_unused]] const auto& task : std::filesystem::directory_iterator("/proc/self/task")) ++n;
    return n;
  };
  const Tensor x = placeholder(kFloat32, {400, 400}, "x");
  const Tensor y = reduce_sum(exp(matmul(x, x)));
  const Feeds feeds = {{x, Array(kFloat32, {400, 400})}};
  Session session({.num_threads = 1});
  session.run(y, feeds);  // compiles, which has threads of its own
  const int before = threads_of_this_process();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(session.run(y, feeds).item<float>(), 160000.0f);
  EXPECT_LE(threads_of_this_process(), before);
}

}  // namespace
}  // namespace dlc
