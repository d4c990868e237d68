// What ends a run early: a request, a deadline, limits of nodes, memory and time. No variable changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "frontend/dlc.h"
#include "support/interrupt.h"
#include "tests/frontend/session_testing.h"

namespace dlc {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using testing::error_of;
using testing::expect_unchanged;
using ::testing::HasSubstr;
using testing::snapshot;

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A step that computes for seconds, in many kernels or in one, and then updates a variable.
class LongRun : public ::testing::TestWithParam<bool> {
 protected:
  LongRun() {
    reset_default_graph();
    const Tensor w = variable(1.0f, "w");
    Tensor x = placeholder(kFloat32, {}, "x");
    feed = x;
    if (GetParam()) {
      Tensor h = broadcast_to(x, {1024, 1024});
      for (int i = 0; i < 300; ++i) h = matmul(h, h) * 1e-3f;
      total = reduce_sum(h);
    } else {
      total = reduce_sum(sin(exp(tan(broadcast_to(x, {100000, 100000})))));
    }
    update = assign_add(w, total * 0.0f + 1.0f);
  }
  Tensor feed, total, update;
};

TEST_P(LongRun, EndsOnRequest) {
  for (const int threads : {1, 2}) {
    Session session({.num_threads = threads});
    session.run(global_variables_initializer());
    Callable step = session.prepare({update}, {{feed, {}}});
    const auto before = snapshot(session);
    std::stop_source source;
    const std::jthread other([&] {
      std::this_thread::sleep_for(milliseconds(50));
      source.request_stop();
    });
    const double seconds = seconds_of([&] {
      const Error e = error_of([&] { step({Array::scalar(0.5f)}, {.cancel = source.get_token()}); });
      EXPECT_EQ(e.code, ErrorCode::kCancelled);
      EXPECT_THAT(e.str(), HasSubstr("no variable was changed"));
    });
    EXPECT_GT(seconds, 0.04);
    EXPECT_LT(seconds, 2);  // one chunk of a kernel, or one kernel, with room for a busy machine
    expect_unchanged(session, before);
  }
}

TEST_P(LongRun, EndsAtItsDeadline) {
  Session session({.num_threads = 2});
  session.run(global_variables_initializer());
  const auto before = snapshot(session);
  const double seconds = seconds_of([&] {
    const Error e = error_of([&] {
      session.run({update}, {{feed, Array::scalar(0.5f)}},
                  {.deadline = std::chrono::steady_clock::now() + milliseconds(100)});
    });
    EXPECT_EQ(e.code, ErrorCode::kResourceExhausted);
    EXPECT_THAT(e.str(), HasSubstr("deadline"));
  });
  EXPECT_LT(seconds, 5);
  expect_unchanged(session, before);
}

TEST_P(LongRun, EndsWhenTheSessionsTimeIsUp) {
  Session session({.max_seconds = 0.1});
  session.run(global_variables_initializer());
  const Error e = error_of([&] { session.run(update, {{feed, Array::scalar(0.5f)}}); });
  EXPECT_EQ(e.code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(session.value(session.graph().variables()[0]).item<float>(), 1);
}

INSTANTIATE_TEST_SUITE_P(InManyKernelsAndOne, LongRun, ::testing::Bool());

TEST(Interrupted, BeforeItBegins) {
  reset_default_graph();
  const Tensor w = variable(1.0f, "w");
  const Operation step = group({assign_add(w, 1.0f)});
  Session session;
  session.run(global_variables_initializer());
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(error_of([&] { session.run(step, {}, {.cancel = source.get_token()}); }).code, ErrorCode::kCancelled);
  EXPECT_EQ(error_of([&] { session.prepare({step}, {}, {.cancel = source.get_token()}); }).code, ErrorCode::kCancelled);
  EXPECT_EQ(session.value(w).item<float>(), 1);
}

TEST(Interrupted, ARunThatIsNotGivesTheSameBits) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat32, {64, 32}, "x");
  const Tensor w = get_variable("w", {32, 16}, glorot_uniform(1));
  const Tensor loss = reduce_mean(square(tanh(matmul(x, w))));
  const Operation train = AdamOptimizer(0.1).minimize(loss);
  const Array data = Session().run(random_normal({64, 32}, 0, 1, kFloat32, 3));
  const std::stop_source source;
  Array weights[2];
  for (const bool interruptible : {false, true}) {
    Session session({.num_threads = 2});
    session.run(global_variables_initializer());
    for (int i = 0; i < 3; ++i)
      session.run(train, {{x, data}}, interruptible ? Interrupt{.cancel = source.get_token()} : Interrupt{});
    weights[interruptible] = session.value(w);
  }
  EXPECT_TRUE(weights[0].identical(weights[1]));
}

TEST(Interrupted, InTheWordsOfTheDocumentation) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat32, {2}, "x");
  const Tensor w = variable(1.0f, "w");
  const Operation train = GradientDescentOptimizer(0.5).minimize(reduce_sum(x * w));
  const Array data = Array::of<float>({2}, {1, 2});
  Session session;
  session.run(global_variables_initializer());
  // clang-format off
std::stop_source source;  // source.request_stop() ends the run, from any thread
const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
session.run(train, {{x, data}}, {.cancel = source.get_token(), .deadline = deadline});
  // clang-format on
  EXPECT_EQ(session.value(w).item<float>(), -0.5f);
}

TEST(Interrupted, WhileItCompiles) {
  reset_default_graph();
  Tensor h = placeholder(kFloat32, {64}, "x");
  const Tensor x = h;
  for (int i = 0; i < 20; ++i) h = cumsum(h) * static_cast<float>(i);
  // No cache: with one there is nothing to compile.
  Session session({.kernel_cache = "off"});
  const Error e = error_of([&] {
    session.prepare({h}, {{x, {kFloat32, {64}}}},
                    {.deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(100)});
  });
  EXPECT_EQ(e.code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(session.stats().programs_compiled, 0);
  session.prepare({h}, {{x, {kFloat32, {64}}}});
}

TEST(Limits, Nodes) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat32, {8}, "x");
  Tensor y = x;
  for (int i = 0; i < 50; ++i) y = sin(y);
  Session session({.max_nodes = 60});
  session.run(y, {{x, Array::full(kFloat32, {8}, 0)}});
  const Error e = error_of([&] { session.run(gradients(y, x), {{x, Array::full(kFloat32, {8}, 0)}}); });
  EXPECT_EQ(e.code, ErrorCode::kResourceExhausted);
  EXPECT_THAT(e.str(), HasSubstr("more than the limit of 60"));
}

TEST(Limits, MemoryShowsThePlan) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat32, {"n", 256}, "x");
  const Tensor w = get_variable("w", {256, 512}, glorot_uniform(1));
  const Tensor h = tanh(matmul(x, w), "hidden");
  const Tensor y = matmul(h, transpose(w), {.name = "back"});
  const Tensor loss = reduce_sum(y);
  Session session({.max_memory = 4 << 20});
  session.run(global_variables_initializer());
  session.run(loss, {{x, Array::full(kFloat32, {16, 256}, 0)}});
  const Error e = error_of([&] { session.run(loss, {{x, Array::full(kFloat32, {4096, 256}, 0)}}); });
  EXPECT_EQ(e.code, ErrorCode::kResourceExhausted);
  EXPECT_THAT(e.str(), AllOf(HasSubstr("working memory"), HasSubstr("the limit is 4.0 MiB"),
                             HasSubstr("8.0 MiB  f32[2097152]  // hidden"), HasSubstr("SessionOptions::max_memory")));
}

TEST(Limits, NoMachineHasThisMuchMemory) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat32, {}, "x");
  const Tensor column = broadcast_to(x, {int64_t{1} << 22, 1}), row = broadcast_to(x, {1, int64_t{1} << 22});
  const Tensor huge = multiply(column, row, "huge");
  Session session;
  const Error e = error_of([&] { session.run(cumsum(huge)[0][0], {{x, Array::scalar(1.0f)}}); });
  EXPECT_EQ(e.code, ErrorCode::kResourceExhausted);
  EXPECT_THAT(e.str(), HasSubstr("64.0 TiB"));
}

TEST(Limits, MoreElementsThanCanBeCounted) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat32, {}, "x");
  const Tensor column = broadcast_to(x, {int64_t{1} << 32, 1}), row = broadcast_to(x, {1, int64_t{1} << 32});
  Session session;
  const Error e = error_of([&] { session.run(reduce_sum(multiply(column, row, "huge")), {{x, Array::scalar(1.0f)}}); });
  EXPECT_THAT(e.str(), AllOf(HasSubstr("huge"), HasSubstr("too many")));
}

TEST(SessionOptions, NumbersThatMakeNoSenseAreRefused) {
  reset_default_graph();
  const auto refused = [](SessionOptions options, const char* why) {
    const Error e = testing::error_of([&] { const Session session(std::move(options)); });
    EXPECT_EQ(e.code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(e.message, HasSubstr(why));
  };
  refused({.num_threads = 2000000000}, "num_threads is 2000000000, needs 0 (all CPUs) to 1024");
  refused({.num_threads = -3}, "num_threads is -3");
  refused({.max_nodes = -1}, "max_nodes is -1, needs 0 (no limit) or more");
  refused({.max_memory = -1}, "max_memory is -1");
  refused({.max_seconds = -0.5}, "max_seconds is -0.5");
  refused({.max_seconds = std::numeric_limits<double>::quiet_NaN()}, "max_seconds is nan");
}

}  // namespace
}  // namespace dlc
