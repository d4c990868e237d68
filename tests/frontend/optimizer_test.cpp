// The lecture's problem, J(w) = w^2 - 10 w + 25, under each optimiser (REQUIREMENTS S-2 to S-10, S-14).
#include "frontend/train/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "frontend/ops/ops.h"
#include "frontend/train/gradients.h"
#include "tests/frontend/run_graph.h"

namespace dlc {
namespace {

using testing::GraphRunner;
using ::testing::HasSubstr;

class Optimizers : public ::testing::Test {
 protected:
  Optimizers() { reset_default_graph(); }
  Tensor w(DType dtype) { return variable(0, "w", {.dtype = dtype}); }
  static Tensor cost(const Tensor& w) { return pow(w, 2) - 10 * w + 25; }
  void train(const Operation& step, int steps) {
    runner.run({global_variables_initializer()});
    for (int i = 0; i < steps; ++i) runner.run({step});
  }
  double value() { return runner.variables.at("w").value_as_double(0); }
  GraphRunner runner;
};

TEST_F(Optimizers, S3OneStepOfGradientDescent) {
  train(GradientDescentOptimizer(0.01).minimize(cost(w(kFloat64))), 1);
  EXPECT_NEAR(value(), 0.1, 2e-17);
}

TEST_F(Optimizers, S6GradientDescentF64) {
  train(GradientDescentOptimizer(0.01).minimize(cost(w(kFloat64))), 1001);
  EXPECT_NEAR(value(), 4.99999999175346, 1e-13);
  EXPECT_NEAR(value(), 5 * (1 - std::pow(0.98, 1001)), 1e-13);
}

TEST_F(Optimizers, S6GradientDescentF32) {
  train(GradientDescentOptimizer(0.01f).minimize(cost(w(kFloat32))), 1001);
  EXPECT_NEAR(value(), 5.0, 2e-5);
}

TEST_F(Optimizers, S2SpellingsAgree) {
  const Tensor v = w(kFloat64);
  const Tensor nested = add(add(multiply(v, v), multiply(-10.0, v)), 25);
  const Tensor squared = square(v) - 10 * v + 25;
  const std::vector<Tensor> ys{cost(v), nested, squared};
  std::vector<Fetch> fetches;
  for (const Tensor& y : ys) {
    fetches.emplace_back(y);
    fetches.emplace_back(gradients(y, v));
  }
  runner.variables["w"] = Array::scalar(1.5);
  const std::vector<Array> out = runner.run(fetches);
  for (size_t i = 0; i < out.size(); i += 2) {
    EXPECT_EQ(out[i].item<double>(), 12.25);
    EXPECT_EQ(out[i + 1].item<double>(), -7.0);
  }
}

TEST_F(Optimizers, S8S9CoefficientsFromAFeed) {
  const Tensor x = placeholder(kFloat64, {3, 1}, "x");
  const Tensor v = w(kFloat64);
  const Tensor c = x[0][0] * pow(v, 2) + x[1][0] * v + x[2][0];
  const Operation step = GradientDescentOptimizer(0.01).minimize(c);
  runner.run({global_variables_initializer()});
  for (int i = 0; i < 1001; ++i) runner.run({step}, {{x, Array::of<double>({3, 1}, {1, -10, 25})}});
  EXPECT_NEAR(value(), 4.99999999175346, 1e-13);
  for (int i = 0; i < 1001; ++i) runner.run({step}, {{x, Array::of<double>({3, 1}, {1, -20, 100})}});
  EXPECT_NEAR(value(), 10.0, 1e-7);
}

TEST_F(Optimizers, S14Momentum) {
  train(MomentumOptimizer(0.01, 0.9).minimize(cost(w(kFloat64))), 1001);
  EXPECT_LT(std::abs(value() - 5), 1e-9);
}

TEST_F(Optimizers, MomentumFollowsItsRecurrence) {
  for (const bool nesterov : {false, true}) {
    reset_default_graph();
    runner = {};
    train(MomentumOptimizer(0.01, 0.9, nesterov).minimize(cost(w(kFloat64))), 7);
    double v = 0, a = 0;
    for (int i = 0; i < 7; ++i) {
      const double g = 2 * v - 10;
      a = 0.9 * a + g;
      v -= 0.01 * (nesterov ? g + 0.9 * a : a);
    }
    EXPECT_NEAR(value(), v, 1e-14);
  }
}

TEST_F(Optimizers, S14Adam) {
  train(AdamOptimizer(0.01).minimize(cost(w(kFloat64))), 1001);
  EXPECT_NEAR(value(), 4.86542890, 5e-9);
}

TEST_F(Optimizers, HyperParametersMayBeTensorsOfAnotherType) {
  const Tensor rate = placeholder(kFloat32, {}, "rate");
  const Operation step = AdamOptimizer(rate, variable(0.9f, "beta1", {.trainable = false})).minimize(cost(w(kFloat64)));
  runner.run({global_variables_initializer()});
  runner.run({step}, {{rate, Array::scalar(0.5f)}});
  EXPECT_NEAR(value(), 0.5, 2e-8);  // Adam's first step is its rate, but for epsilon
  runner.run({step}, {{rate, Array::scalar(0.0f)}});
  EXPECT_NEAR(value(), 0.5, 2e-8);
}

TEST_F(Optimizers, GlobalStepCounts) {
  const Tensor steps = variable(0, "global_step", {.trainable = false, .dtype = kInt64});
  train(GradientDescentOptimizer(0.01).minimize(cost(w(kFloat32)), {.global_step = steps}), 3);
  EXPECT_EQ(runner.variables.at("global_step").item<int64_t>(), 3);
}

TEST_F(Optimizers, ClippedGradients) {
  const Tensor v = w(kFloat64);
  GradientDescentOptimizer optimizer(1.0);
  std::vector<GradAndVar> grads = optimizer.compute_gradients(cost(v));
  grads[0].gradient = clip_by_value(grads[0].gradient, -0.25, 0.25);
  train(optimizer.apply_gradients(grads), 1);
  EXPECT_EQ(value(), 0.25);
}

TEST_F(Optimizers, OnlyWhatTheLossReachesIsUpdated) {
  const Tensor v = w(kFloat32);
  variable(1.0f, "other");
  const std::vector<GradAndVar> grads = GradientDescentOptimizer(0.1).compute_gradients(cost(v));
  ASSERT_EQ(grads.size(), 2u);
  EXPECT_TRUE(grads[0].gradient);
  EXPECT_FALSE(grads[1].gradient);
}

TEST_F(Optimizers, MinimizeNeedsAVariable) {
  variable(1.0f, "other");
  const Tensor x = placeholder(kFloat32, {}, "x");
  try {
    GradientDescentOptimizer(0.1).minimize(square(x));
    FAIL();
  } catch (const Exception& e) {
    EXPECT_THAT(e.what(), AllOf(HasSubstr("no variable reaches the loss 'square' f32[]"), HasSubstr("'other'"),
                                HasSubstr("optimizer_test.cpp")));
  }
}

}  // namespace
}  // namespace dlc
