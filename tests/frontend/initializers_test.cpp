// Initialisers and random operators: limits, moments, seeds.
#include "frontend/ops/initializers.h"
#include "frontend/graph/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "frontend/ops/ops.h"
#include "tests/frontend/run_graph.h"

namespace dlc {
namespace {

using testing::evaluate;
using testing::GraphRunner;

struct Statistics {
  double mean = 0, stddev = 0, min = 0, max = 0;
};

Statistics statistics_of(const Array& a) {
  Statistics s{0, 0, a.value_as_double(0), a.value_as_double(0)};
  const auto n = static_cast<double>(a.num_elements());
  for (int64_t i = 0; i < a.num_elements(); ++i) {
    const double v = a.value_as_double(i);
    s.mean += v / n;
    s.min = std::min(s.min, v);
    s.max = std::max(s.max, v);
  }
  for (int64_t i = 0; i < a.num_elements(); ++i) s.stddev += std::pow(a.value_as_double(i) - s.mean, 2) / n;
  s.stddev = std::sqrt(s.stddev);
  return s;
}

class Initializers : public ::testing::Test {
 protected:
  Initializers() { reset_default_graph(); }
};

TEST_F(Initializers, S17GlorotUniform) {
  const double limit = std::sqrt(6.0 / (25 + 12288));
  EXPECT_NEAR(limit, 0.0220746428, 1e-10);
  get_variable("W1", {25, 12288}, xavier_initializer(/*seed=*/1));
  GraphRunner runner;
  runner.run({global_variables_initializer()});
  const Statistics s = statistics_of(runner.variables.at("W1"));
  EXPECT_GE(s.min, -limit * (1 + 1e-7));
  EXPECT_LT(s.max, limit * (1 + 1e-7));
  EXPECT_LT(s.min, -0.9999 * limit);
  EXPECT_GT(s.max, 0.9999 * limit);
  EXPECT_NEAR(s.mean, 0, limit / 100);
  EXPECT_NEAR(s.stddev, limit / std::sqrt(3.0), limit / 100);
}

TEST_F(Initializers, VariancesAreWhatTheFansSay) {
  constexpr double kIn = 200, kOut = 300;
  struct Case {
    Initializer initializer;
    double variance;
  };
  const Case cases[] = {{glorot_uniform(1), 2 / (kIn + kOut)},
                        {glorot_normal(1), 2 / (kIn + kOut)},
                        {he_uniform(1), 2 / kIn},
                        {he_normal(1), 2 / kIn},
                        {lecun_uniform(1), 1 / kIn},
                        {lecun_normal(1), 1 / kIn}};
  for (const DType t : {kFloat32, kFloat64})
    for (const Case& test : cases) {
      const Tensor x = test.initializer({200, 300}, t);
      SCOPED_TRACE(x.node().spec->name);
      const Statistics s = statistics_of(evaluate(x));
      EXPECT_NEAR(s.stddev, std::sqrt(test.variance), 0.01 * std::sqrt(test.variance));
      EXPECT_NEAR(s.mean, 0, 0.02 * std::sqrt(test.variance));
    }
}

TEST_F(Initializers, FansOfVectorsAndFilters) {
  const Statistics vector = statistics_of(evaluate(glorot_uniform(1)({1000})));
  EXPECT_NEAR(vector.max, std::sqrt(6.0 / 2000), 1e-3);
  const Statistics filter = statistics_of(evaluate(he_uniform(1)({3, 3, 16, 32})));  // fan_in 144
  EXPECT_NEAR(filter.max, std::sqrt(6.0 / 144), 1e-3);
}

TEST_F(Initializers, Distributions) {
  const Statistics u = statistics_of(evaluate(random_uniform_initializer(2, 5, 1)({20000})));
  EXPECT_GE(u.min, 2);
  EXPECT_LT(u.max, 5);
  EXPECT_NEAR(u.mean, 3.5, 0.03);
  EXPECT_NEAR(u.stddev, 3 / std::sqrt(12.0), 0.03);
  const Statistics n = statistics_of(evaluate(random_normal_initializer(1, 2, 1)({20000})));
  EXPECT_NEAR(n.mean, 1, 0.05);
  EXPECT_NEAR(n.stddev, 2, 0.05);
  EXPECT_GT(n.max, 7);
  const Statistics t = statistics_of(evaluate(truncated_normal_initializer(1, 2, 1)({20000})));
  EXPECT_GE(t.min, -3);
  EXPECT_LE(t.max, 5);
  EXPECT_NEAR(t.stddev, 2 * 0.87962566103423978, 0.05);
}

TEST_F(Initializers, SeedsDecideAndSessionsDoNot) {
  const Tensor a = glorot_uniform(1)({50}), b = glorot_uniform(1)({50}), other = glorot_uniform(2)({50});
  GraphRunner first, second;
  second.rng_state = 99;
  const Array value = first.run_one(a);
  EXPECT_TRUE(value.identical(second.run_one(a)));
  EXPECT_TRUE(value.identical(first.run_one(b)));
  EXPECT_FALSE(value.identical(first.run_one(other)));
}

TEST_F(Initializers, UnseededNodesDifferButEqualGraphsAgree) {
  const auto build = [] {
    reset_default_graph();
    return std::pair{glorot_uniform()({50}), glorot_uniform()({50})};
  };
  const auto [a, b] = build();
  const auto [c, d] = build();
  EXPECT_FALSE(evaluate(a).identical(evaluate(b)));
  EXPECT_TRUE(evaluate(a).identical(evaluate(c)));
  EXPECT_TRUE(evaluate(b).identical(evaluate(d)));
}

TEST_F(Initializers, GraphSeedMovesWhatIsBuiltAfterIt) {
  const Array before = evaluate(glorot_uniform(1)({50}));
  const Tensor built_before = glorot_uniform(1)({50});
  set_random_seed(7);
  EXPECT_TRUE(before.identical(evaluate(built_before)));
  EXPECT_FALSE(before.identical(evaluate(glorot_uniform(1)({50}))));
}

TEST_F(Initializers, OthersAreExact) {
  EXPECT_TRUE(evaluate(zeros_initializer()({2})).identical(Array::of<float>({2}, {0, 0})));
  EXPECT_TRUE(evaluate(ones_initializer()({2}, kFloat64)).identical(Array::of<double>({2}, {1, 1})));
  EXPECT_TRUE(evaluate(constant_initializer(2.5)({1})).identical(Array::of<float>({1}, {2.5f})));
  EXPECT_TRUE(evaluate(Initializer(Array::of<float>({2}, {1, 2}))({2})).identical(Array::of<float>({2}, {1, 2})));
  EXPECT_THROW(Initializer(Array::of<float>({2}, {1, 2}))({3}), Exception);
  EXPECT_THROW(zeros_initializer()({"n"}), Exception);
}

TEST_F(Initializers, RandomOperatorsDifferFromRunToRun) {
  const Tensor x = random_uniform({1000}, -1, 1), y = random_normal({1000});
  GraphRunner runner;
  const std::vector<Array> first = runner.run({x, x, y}), second = runner.run({x, x, y});
  EXPECT_TRUE(first[0].identical(first[1]));  // one node, one draw
  EXPECT_FALSE(first[0].identical(second[0]));
  EXPECT_FALSE(first[2].identical(second[2]));
  EXPECT_NEAR(statistics_of(first[0]).mean, 0, 0.1);
  EXPECT_NEAR(statistics_of(first[2]).stddev, 1, 0.1);
  // Pruning moves nothing: the draw does not depend on what else runs.
  runner.rng_state = 0;
  EXPECT_TRUE(runner.run_one(y).identical(first[2]));
}

TEST_F(Initializers, DropoutKeepsTheMean) {
  const Tensor x = ones({100, 100});
  const Array y = evaluate(dropout(x, 0.25, /*seed=*/3));
  int64_t zeros = 0;
  for (const float v : y.data<float>()) {
    zeros += v == 0 ? 1 : 0;
    if (v != 0) {
      EXPECT_FLOAT_EQ(v, 1 / 0.75f);
    }
  }
  EXPECT_NEAR(static_cast<double>(zeros), 2500, 150);
  EXPECT_TRUE(evaluate(dropout(x, 0.0)).identical(evaluate(x)));
}

}  // namespace
}  // namespace dlc
