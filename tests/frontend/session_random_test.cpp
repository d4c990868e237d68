// Random operations in sessions: the state, its advance, equal bits, and that the numbers are what
// they say.
#include <gtest/gtest.h>

#include <cmath>

#include "frontend/dlc.h"
#include "tests/frontend/session_testing.h"

namespace dlc {
namespace {

class SessionRandom : public ::testing::Test {
 protected:
  SessionRandom() { reset_default_graph(); }
};

TEST_F(SessionRandom, StateAdvancesOncePerRunThatDraws) {
  const Tensor a = random_normal({100}), b = random_uniform({100}), plain = constant(1.0f) + 1;
  const Tensor w = variable(0.0f, "w");
  Session session;
  session.run(global_variables_initializer());
  const uint64_t start = session.rng_state();
  session.run(plain);
  EXPECT_EQ(session.rng_state(), start);
  const std::vector<Array> out = session.run({a, b, a + 0.5f, a});
  EXPECT_EQ(session.rng_state(), start + 1);
  EXPECT_TRUE(out[0].identical(out[3])) << "one node draws once in a run";
  EXPECT_FALSE(session.run(a).identical(out[0]));
  Callable step = session.prepare({a});
  EXPECT_EQ(session.rng_state(), start + 2);
  step();
  EXPECT_EQ(session.rng_state(), start + 3);
  // An uninitialised variable is found before anything is drawn.
  const Tensor late = variable(0.0f, "late");
  EXPECT_THROW(session.run(a + late), Exception);
  EXPECT_EQ(session.rng_state(), start + 3);
}

TEST_F(SessionRandom, StateReproducesOnAnyNumberOfThreads) {
  set_random_seed(5);
  const Tensor big = random_normal({70000}, 0, 1, kFloat32), x = placeholder(kFloat32, {"n"}, "x");
  const Tensor dropped = dropout(x, 0.5), small = random_uniform({3}, 0, 1, kFloat64);
  const Feeds feeds = {{x, Array::full(kFloat32, {50001}, 1)}};
  std::vector<Array> first;
  for (const int threads : {1, 2, 4}) {
    for (const bool fuse : {true, false}) {
      for (const bool bind : {true, false}) {
        Session session({.num_threads = threads, .bind_dims = bind, .fuse = fuse});
        session.run(small);
        session.set_rng_state(1234);
        const std::vector<Array> out = session.run({big, dropped, small}, feeds);
        session.run(small);
        session.set_rng_state(1234);
        const std::vector<Array> again = session.run({big, dropped, small}, feeds);
        if (first.empty()) first = out;
        for (size_t i = 0; i < out.size(); ++i) {
          EXPECT_TRUE(out[i].identical(first[i])) << "fetch " << i << ", " << threads << " threads, fuse " << fuse;
          EXPECT_TRUE(again[i].identical(first[i]));
        }
      }
    }
  }
}

TEST_F(SessionRandom, NumbersHaveTheirDistribution) {
  constexpr int64_t kN = 200000;
  const Tensor normal = random_normal({kN}, 3, 2), uniform = random_uniform({kN}, -1, 3);
  const Tensor truncated = truncated_normal({kN}, 0, 1), dropped = dropout(ones({kN}), 0.25);
  Session session;
  const auto moments = [](const Array& a) {
    double sum = 0, squares = 0;
    for (const float v : a.data<float>()) sum += v;
    const double mean = sum / static_cast<double>(a.num_elements());
    for (const float v : a.data<float>()) squares += (v - mean) * (v - mean);
    return std::pair(mean, std::sqrt(squares / static_cast<double>(a.num_elements())));
  };
  const std::vector<Array> out = session.run({normal, uniform, truncated, dropped});
  EXPECT_NEAR(moments(out[0]).first, 3, 0.02);
  EXPECT_NEAR(moments(out[0]).second, 2, 0.02);
  EXPECT_NEAR(moments(out[1]).first, 1, 0.015);
  EXPECT_NEAR(moments(out[1]).second, 4 / std::sqrt(12.0), 0.01);
  EXPECT_NEAR(moments(out[2]).first, 0, 0.01);
  EXPECT_NEAR(moments(out[2]).second, 0.8796, 0.01);  // of a normal cut at two deviations
  int64_t zeros = 0;
  for (const float v : out[3].data<float>()) {
    ASSERT_TRUE(v == 0.0f || std::abs(v - 4.0f / 3) < 1e-6f) << v;
    zeros += v == 0.0f ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(zeros) / kN, 0.25, 0.005);
  for (const float v : out[1].data<float>()) ASSERT_TRUE(v >= -1 && v < 3) << v;
  for (const float v : out[2].data<float>()) ASSERT_LE(std::abs(v), 2.0f);
}

TEST_F(SessionRandom, GradientOfDropoutUsesTheSameMask) {
  const Tensor x = placeholder(kFloat32, {1000}, "x");
  const Tensor y = dropout(x, 0.5);
  Session session;
  const std::vector<Array> out = session.run({y, gradients(y, x)}, {{x, Array::full(kFloat32, {1000}, 1)}});
  EXPECT_TRUE(out[0].identical(out[1]));
}

}  // namespace
}  // namespace dlc
