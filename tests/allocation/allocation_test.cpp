// A prepared step allocates nothing, on any thread. A program of its own, because it puts counters in
// front of the C library's allocator for everything that it links.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "bench/training_steps.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DLC_COUNTS_ALLOCATIONS 0  // the sanitizer's allocator is already there
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DLC_COUNTS_ALLOCATIONS 0
#else
#define DLC_COUNTS_ALLOCATIONS 1
#endif
#else
#define DLC_COUNTS_ALLOCATIONS 1
#endif

namespace {
std::atomic<int64_t> allocations{0};
}  // namespace

#if DLC_COUNTS_ALLOCATIONS
// operator new arrives here too: libstdc++'s calls malloc and aligned_alloc.
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  ++allocations;
  return __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
void* memalign(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** result, size_t alignment, size_t size) {
  ++allocations;
  *result = __libc_memalign(alignment, size);
  return *result ? 0 : ENOMEM;
}
}
#endif

namespace dlc {
namespace {

/// Allocations of all threads while `f` runs.
template <typename F>
int64_t allocations_of(F&& f) {
  const int64_t before = allocations;
  f();
  return allocations - before;
}

class PreparedStep : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!DLC_COUNTS_ALLOCATIONS) GTEST_SKIP() << "the sanitizer has its own allocator";
  }
  void expect_none(int threads) {
    const bench::TrainingStep step = bench::training_step(GetParam()).value();
    Session session(step.graph, {.num_threads = threads});
    session.run(step.init);
    Callable call = session.prepare(step.fetches, step.feed_types());
    const float first = call(step.values).back().item<float>();
    for (int i = 0; i < 20; ++i) call(step.values);  // helper threads start with the first regions
    EXPECT_EQ(allocations_of([&] {
                for (int i = 0; i < 100; ++i) call(step.values);
              }),
              0);
    EXPECT_LT(call(step.values).back().item<float>(), first) << "the steps that were counted did not train";
  }
};

TEST_P(PreparedStep, AllocatesNothing) { expect_none(1); }
TEST_P(PreparedStep, AllocatesNothingOnTwoThreads) { expect_none(2); }

TEST(AllocationCounter, SeesWhatSessionRunAllocates) {
  if (!DLC_COUNTS_ALLOCATIONS) GTEST_SKIP() << "the sanitizer has its own allocator";
  const bench::TrainingStep step = bench::training_step("scalar").value();
  Session session(step.graph, {.num_threads = 1});
  session.run(step.init);
  const Tensor loss = step.fetches.back().tensor();
  session.run(loss);
  EXPECT_GT(allocations_of([&] { session.run(loss); }), 0);
}

INSTANTIATE_TEST_SUITE_P(Steps, PreparedStep,
                         ::testing::Values("scalar", "softmaxreg_b64_sgd", "mlp_b64_sgd", "mlp_b64_adam"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace dlc
