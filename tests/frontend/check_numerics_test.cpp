// check_numerics, the operator, and SessionOptions::check_numerics, which looks at every node: what is
// named, that nothing changes, that nothing is said where nothing is wrong, and that bits stay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "frontend/dlc.h"
#include "tests/frontend/session_testing.h"

namespace dlc {
namespace {

using ::testing::AllOf;
using testing::error_of;
using testing::expect_unchanged;
using ::testing::HasSubstr;
using testing::snapshot;

TEST(CheckNumerics, NamesElementMessageAndPlaceAndChangesNothing) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat32, {"n"}, "x");
  const Tensor w = variable(1.0f, "w");
  const Tensor logs = check_numerics(log(x), "x must be positive", "logs");
  const Tensor update = assign_add(w, reduce_sum(logs));
  for (const int threads : {1, 2}) {
    Session session({.num_threads = threads, .checked = true});
    session.run(global_variables_initializer());
    const auto before = snapshot(session);
    const Error e = error_of([&] { session.run(update, {{x, Array::of<float>({4}, {1, 2, 0, -1})}}); });
    EXPECT_EQ(e.code, ErrorCode::kArithmetic);
    EXPECT_THAT(e.str(), AllOf(HasSubstr("'logs': NaN or infinite: x must be positive: element 2 has value -inf"),
                               HasSubstr("check_numerics_test.cpp")));
    expect_unchanged(session, before);
    session.run(update, {{x, Array::of<float>({2}, {1, 1})}});
    EXPECT_EQ(session.value(w).item<float>(), 1);
  }
}

/// What a variable held that was never assigned is nobody's input.
TEST(CheckNumerics, AVariableThatIsOnlyWrittenIsNoBadInput) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat32, {1 << 16}, "x");
  const Tensor w = variable(Array::full(kFloat32, {1 << 16}, 0), "w");
  const Tensor write = assign(w, log(x));
  Session session({.check_numerics = true});
  const Error e = error_of([&] { session.run(write, {{x, Array::full(kFloat32, {1 << 16}, 0)}}); });
  EXPECT_THAT(e.str(), AllOf(HasSubstr("NaN or infinite"), ::testing::Not(HasSubstr("'w' held"))));
}

TEST(CheckNumerics, GradientPassesThrough) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat32, {2}, "x");
  const Tensor dx = gradients(check_numerics(x, "") * 3.0f, x);
  Session session;
  EXPECT_TRUE(session.run(dx, {{x, Array::of<float>({2}, {1, 2})}}).identical(Array::of<float>({2}, {3, 3})));
}

/// What constants alone give is as wrong as what feeds give: it is named, not what reads it, fused or not.
TEST(CheckNumerics, WhatIsMadeOfConstantsIsNamedToo) {
  reset_default_graph();
  const Tensor z = placeholder(kFloat32, {2}, "z");
  const Tensor bad = log(constant(Array::of<float>({2}, {1, -1})), "bad");
  const Tensor by_zero = constant(1.0f) / constant(0.0f);
  const Tensor start = variable(log(constant(Array::of<float>({3}, {1, 2, 0})), "start"), "w");
  const Tensor fine = variable(exp(constant(-std::numeric_limits<float>::infinity())), "v");
  const Array ones = Array::of<float>({2}, {1, 1});
  for (const bool fuse : {true, false}) {
    Session session({.fuse = fuse, .check_numerics = true});
    for (const Tensor& read : {bad, z + bad, bad * 0.0f + z})
      EXPECT_THAT(error_of([&] { session.run(read, {{z, ones}}); }).str(),
                  HasSubstr("'bad': NaN or infinite: element 1 has value"));
    EXPECT_THAT(error_of([&] { session.run(z * by_zero, {{z, ones}}); }).str(), HasSubstr("'divide': NaN or infinite"));
    EXPECT_THAT(error_of([&] { session.run(variables_initializer({start})); }).str(),
                HasSubstr("'start': NaN or infinite: element 2 has value -inf"));
    session.run(variables_initializer({fine}));
    EXPECT_EQ(session.value(fine).item<float>(), 0);
  }
}

/// A small network whose parts can be made to overflow.
class CheckedSession : public ::testing::Test {
 protected:
  CheckedSession() {
    reset_default_graph();
    x = placeholder(kFloat32, {"n", 3}, "x");
    scale = placeholder(kFloat32, {}, "scale");
    const Tensor w = variable(Array::of<float>({3, 2}, {1, -1, 2, 1, 0.5f, 1}), "w");
    const Tensor h = tanh(matmul(x, w, {.name = "product"}), "h");
    const Tensor grown = multiply(exp(h, "grown_exp"), scale, "grown");
    loss = reduce_mean(grown, {}, false, "loss");
    train = AdamOptimizer(0.01).minimize(loss);
  }
  Feeds feeds(float scale_value, std::vector<float> xs = {1, 2, 3, 4, 5, 6}) const {
    Array x_value(kFloat32, {static_cast<int64_t>(xs.size()) / 3, 3});
    for (size_t i = 0; i < xs.size(); ++i) x_value.data<float>()[i] = xs[i];
    return {{x, x_value}, {scale, Array::scalar<float>(scale_value)}};
  }
  Tensor x, scale, loss;
  Operation train;
};

TEST_F(CheckedSession, NamesTheNodeThatOverflowsInsideAKernel) {
  for (const bool fuse : {true, false}) {
    for (const int threads : {1, 2}) {
      SCOPED_TRACE(fmt::format("fuse {}, {} threads", fuse, threads));
      Session session({.num_threads = threads, .fuse = fuse, .check_numerics = true, .checked = true});
      session.run(global_variables_initializer());
      session.run(std::vector<Fetch>{train, loss}, feeds(1));
      const auto before = snapshot(session);
      const Error e = error_of([&] { session.run(std::vector<Fetch>{train, loss}, feeds(3e38f)); });
      EXPECT_EQ(e.code, ErrorCode::kArithmetic);
      EXPECT_THAT(e.str(), AllOf(HasSubstr("'grown': NaN or infinite: element 0 has value inf"),
                                 HasSubstr("check_numerics_test.cpp")));
      expect_unchanged(session, before);
      session.run(train, feeds(1));  // and goes on
    }
  }
}

TEST_F(CheckedSession, SaysWhatWasWrongAlreadyWhenTheRunBegan) {
  Session session({.check_numerics = true});
  session.run(global_variables_initializer());
  const Error fed = error_of([&] { session.run(loss, feeds(1, {1, 2, 3, 4, std::nanf(""), 6})); });
  EXPECT_THAT(fed.str(), AllOf(HasSubstr("'product'"), HasSubstr("element 2 has value nan"),
                               HasSubstr("'x' held nan at element 4 before the run")));
  const Tensor w = session.graph().variables()[0];
  session.set_value(w, Array::of<float>({3, 2}, {1, HUGE_VALF, 2, 1, 0.5f, 1}));
  const Error held = error_of([&] { session.run(loss, feeds(1)); });
  EXPECT_THAT(held.str(), HasSubstr("'w' held inf at element 1 before the run"));
}

TEST_F(CheckedSession, KeepsEveryBit) {
  std::vector<std::vector<Array>> weights;
  for (const bool check : {false, true}) {
    Session session({.check_numerics = check});
    session.run(global_variables_initializer());
    Callable step = session.prepare({train, loss}, {{x, {kFloat32, {2, 3}}}, {scale, {kFloat32, {}}}});
    std::vector<Array> seen;
    for (int i = 0; i < 10; ++i) seen.push_back(step({feeds(1)[0].second, feeds(1)[1].second})[1].clone());
    for (const auto& [variable, value] : snapshot(session)) seen.push_back(value);
    weights.push_back(std::move(seen));
  }
  ASSERT_EQ(weights[0].size(), weights[1].size());
  for (size_t i = 0; i < weights[0].size(); ++i) EXPECT_TRUE(weights[0][i].identical(weights[1][i])) << i;
}

TEST_F(CheckedSession, LetsANodeOverflowInside) {
  // exp(100) inside the sigmoid is infinite, its value is 0.
  const Tensor y = sigmoid(constant(Array::of<float>({2}, {-100, 100})) * scale);
  Session session({.check_numerics = true});
  const Array value = session.run(y, {{scale, Array::scalar<float>(1)}});
  EXPECT_NEAR(value.data<float>()[0], 0, 1e-30);
  EXPECT_EQ(value.data<float>()[1], 1);
}

}  // namespace
}  // namespace dlc
