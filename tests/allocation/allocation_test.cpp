// A prepared step allocates nothing, on any thread. A program of its own, because it puts counters in
// front of the C library's allocator for everything that it links.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "bench/training_steps.h"
#include "support/count_allocations.h"

namespace dlc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class PreparedStep : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!AllocationCounter::works()) GTEST_SKIP() << "the sanitizer has its own allocator";
  }
  void expect_none(int threads) {
    const bench::TrainingStep step = bench::training_step(GetParam()).value();
    Session session(step.graph, {.num_threads = threads});
    session.run(step.init);
    Callable call = session.prepare(step.fetches, step.feed_types());
    const float first = call(step.values).back().item<float>();
    for (int i = 0; i < 20; ++i) call(step.values);  // helper threads start with the first regions
    const AllocationCounter counter;
    for (int i = 0; i < 100; ++i) call(step.values);
    EXPECT_EQ(counter.count(), 0);
    EXPECT_NO_THROW(require_allocations(counter, 0));
    EXPECT_LT(call(step.values).back().item<float>(), first) << "the steps that were counted did not train";
  }
};

TEST_P(PreparedStep, AllocatesNothing) { expect_none(1); }
TEST_P(PreparedStep, AllocatesNothingOnTwoThreads) { expect_none(2); }

TEST(AllocationCounter, SaysWhereSessionRunAllocates) {
  if (!AllocationCounter::works()) GTEST_SKIP() << "the sanitizer has its own allocator";
  const bench::TrainingStep step = bench::training_step("scalar").value();
  Session session(step.graph, {.num_threads = 1});
  session.run(step.init);
  const Tensor loss = step.fetches.back().tensor();
  session.run(loss);
  const AllocationCounter counter;
  session.run(loss);
  const int64_t made = counter.count();
  ASSERT_GT(made, 1);
  require_allocations(counter, made);
  try {
    require_allocations(counter, 1);
    FAIL() << "a broken contract said nothing";
  } catch (const Exception& e) {
    EXPECT_EQ(e.code(), ErrorCode::kFailedPrecondition);
    EXPECT_THAT(e.what(), AllOf(HasSubstr(fmt::format("there were {} allocations, at most 1 were expected", made)),
                                HasSubstr(" bytes in "), HasSubstr("a step of Session::prepare allocates nothing")));
  }
}

INSTANTIATE_TEST_SUITE_P(Steps, PreparedStep,
                         ::testing::Values("scalar", "softmaxreg_b64_sgd", "mlp_b64_sgd", "mlp_b64_adam"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace dlc
