// Times that hold on any machine that runs the tests: a tenth of the limit is what they take when it is
// idle, and the fastest of many batches counts. Ratios to other libraries are bench/run's.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "bench/training_steps.h"

namespace dlc {
namespace {

/// Seconds of one call: of the fastest batch.
template <typename F>
double fastest(F&& call) {
  using Clock = std::chrono::steady_clock;
  constexpr int kBatches = 200, kCalls = 100;
  double best = 1;
  for (int batch = 0; batch < kBatches; ++batch) {
    const auto start = Clock::now();
    for (int i = 0; i < kCalls; ++i) call();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count() / kCalls);
  }
  return best;
}

class Speed : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "sanitizers take time";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    GTEST_SKIP() << "sanitizers take time";
#endif
#endif
  }
};

TEST_F(Speed, AScalarTrainingStepTakesLessThanAMicrosecond) {
  const bench::TrainingStep step = bench::training_step("scalar").value();
  Session session(step.graph);
  session.run(step.init);
  Callable call = session.prepare(step.fetches);
  EXPECT_LT(fastest([&] { call(); }), 1e-6);
}

TEST_F(Speed, AThousandScalarOperationsTakeLessThanFiveMicroseconds) {
  const auto [x, y] = bench::scalar_chain(1000);
  Session session(default_graph());
  Callable call = session.prepare({y}, {{x, {kFloat32, {}}}});
  const std::vector<Array> values = {Array::scalar(0.75f)};
  EXPECT_LT(fastest([&] { call(values); }), 5e-6);
  float expected = 0.75f;
  for (int i = 0; i < 1000; ++i) expected = i % 2 == 0 ? expected + 0.75f : expected * 0.75f;
  EXPECT_NEAR(call(values)[0].item<float>(), expected, 1e-5 * expected);
}

}  // namespace
}  // namespace dlc
