#include "runtime/context.h"

#include <gtest/gtest.h>

#include <atomic>

namespace dlc::runtime {
namespace {

TEST(Context, StartsWithoutFault) {
  Context context;
  EXPECT_FALSE(context.fault());
  EXPECT_EQ(context.abi()->fault_site, DLC_NO_FAULT);
  EXPECT_EQ(context.abi()->services->version, DLC_ABI_VERSION);
}

TEST(Context, LowestSiteThenLowestElementWins) {
  Context context;
  const auto report = [&](int64_t site, int64_t element, int64_t value) {
    context.abi()->services->report_fault(context.abi(), site, element, value);
  };
  report(3, 9, 1);
  report(5, 0, 2);
  EXPECT_EQ(context.fault(), (Fault{3, 9, 1}));
  report(3, 4, 3);
  report(3, 4, 4);
  EXPECT_EQ(context.fault(), (Fault{3, 4, 3}));
  report(1, 100, 5);
  EXPECT_EQ(context.fault(), (Fault{1, 100, 5}));
  context.reset();
  EXPECT_FALSE(context.fault());
}

TEST(Context, FaultsOfManyThreadsGiveOneReport) {
  ThreadPool pool({.num_threads = 4});
  Context context({.pool = &pool});
  for (int round = 0; round < 50; ++round) {
    context.reset();
    context.abi()->services->parallel_for(
        context.abi(), 64,
        [](dlc_context* c, int64_t chunk, void*) { c->services->report_fault(c, 7 + chunk % 2, 200 - chunk, chunk); },
        nullptr);
    EXPECT_EQ(context.fault(), (Fault{7, 138, 62}));
  }
}

TEST(Context, RegionsRunSeriallyWithoutAPool) {
  Context context;
  std::vector<int64_t> order;
  context.abi()->services->parallel_for(
      context.abi(), 5,
      [](dlc_context*, int64_t chunk, void* closure) { static_cast<std::vector<int64_t>*>(closure)->push_back(chunk); },
      &order);
  EXPECT_EQ(order, (std::vector<int64_t>{0, 1, 2, 3, 4}));
}

TEST(Context, WatcherIsToldOfEveryChunkOnItsThread) {
  struct Count final : Watcher {
    std::atomic<int64_t> chunks{0}, sum{0};
    void chunk_ran(int64_t chunk, Clock::time_point start, Clock::time_point end) noexcept override {
      ++chunks;
      sum += chunk;
      EXPECT_LE(start, end);
    }
  };
  ThreadPool pool({.num_threads = 2});
  Context context({.pool = &pool});
  Count count;
  std::atomic<int64_t> ran{0};
  const auto run = [&] {
    context.abi()->services->parallel_for(
        context.abi(), 50, [](dlc_context*, int64_t, void* n) { ++*static_cast<std::atomic<int64_t>*>(n); }, &ran);
  };
  context.watch(&count);
  run();
  EXPECT_EQ(ran, 50);
  EXPECT_EQ(count.chunks, 50);
  EXPECT_EQ(count.sum, 49 * 50 / 2);
  context.watch(nullptr);
  run();
  EXPECT_EQ(ran, 100);
  EXPECT_EQ(count.chunks, 50);
}

TEST(Context, EntryRunsUnderItsFloatingPointState) {
  for (const FpMode mode : {FpMode::kFlushSubnormals, FpMode::kKeepSubnormals}) {
    Context context({.fp_mode = mode});
    const uint32_t hosts = _mm_getcsr();
    uint32_t inside = 0;
    void* buffers[] = {&inside};
    run_entry([](dlc_context*, void* const* b, const int64_t*) { *static_cast<uint32_t*>(b[0]) = _mm_getcsr(); },
              context, buffers, nullptr);
    EXPECT_EQ(inside & ~0x3Fu, FpStateGuard::control_word(mode));
    EXPECT_EQ(_mm_getcsr(), hosts);
  }
}

}  // namespace
}  // namespace dlc::runtime
