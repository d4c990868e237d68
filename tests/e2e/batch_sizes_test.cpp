// One program for every batch size: with bind_dims off a training step is compiled once, and serves
// all batches with the bits that programs compiled for one size give.
#include <gtest/gtest.h>

#include <cmath>

#include "frontend/dlc.h"

namespace dlc {
namespace {

class BatchSizes : public ::testing::Test {
 protected:
  BatchSizes() { reset_default_graph(); }

  void SetUp() override {
    x = placeholder(kFloat32, {"n", 784}, "x");
    labels = placeholder(kInt32, {"n"}, "labels");
  }

  static Tensor dense(const Tensor& input, int64_t in, int64_t out, const std::string& name) {
    const Scope scope = variable_scope(name);
    return matmul(input, get_variable("w", {in, out}, glorot_uniform(3))) +
           get_variable("b", {out}, zeros_initializer());
  }

  Feeds batch(int64_t n, int64_t seed) const {
    Array images(kFloat32, {n, 784}), digits(kInt32, {n});
    uint32_t state = static_cast<uint32_t>(seed * 7919 + 1);
    for (float& v : images.data<float>()) {
      state = state * 1664525u + 1013904223u;
      v = static_cast<float>(state >> 8) / static_cast<float>(1 << 24);
    }
    for (int64_t i = 0; i < n; ++i)
      digits.data<int32_t>()[static_cast<size_t>(i)] = static_cast<int32_t>((i * 3 + seed) % 10);
    return {{x, images}, {labels, digits}};
  }

  /// Trains on batches of 1, 7 and 64 in both ways, twice over, and compares losses and variables.
  void expect_one_program_with_the_same_bits(const Tensor& logits, Optimizer& optimizer) {
    const Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits({.labels = labels, .logits = logits}));
    const Operation train = optimizer.minimize(loss);
    const Operation init = global_variables_initializer();
    for (const int threads : {1, 2}) {
      Session bound({.num_threads = threads}), generic({.num_threads = threads, .bind_dims = false});
      bound.run(init);
      generic.run(init);
      const int64_t bound_before = bound.stats().programs_compiled, before = generic.stats().programs_compiled;
      for (int64_t i = 0; i < 6; ++i) {
        const int64_t n = std::array<int64_t, 3>{1, 7, 64}[static_cast<size_t>(i % 3)];
        SCOPED_TRACE(fmt::format("step {}, batch {}, {} threads", i, n, threads));
        const std::vector<Array> expected = bound.run({loss, logits, train}, batch(n, i));
        const std::vector<Array> actual = generic.run({loss, logits, train}, batch(n, i));
        ASSERT_TRUE(std::isfinite(expected[0].item<float>()));
        EXPECT_TRUE(actual[0].identical(expected[0])) << actual[0].item<float>() << " " << expected[0].item<float>();
        EXPECT_TRUE(actual[1].identical(expected[1]));
        for (const Tensor& v : default_graph().variables())
          EXPECT_TRUE(generic.value(v).identical(bound.value(v))) << v.name();
      }
      EXPECT_EQ(generic.stats().programs_compiled - before, 1);
      EXPECT_EQ(bound.stats().programs_compiled - bound_before, 3);
    }
  }

  Tensor x, labels;
};

TEST_F(BatchSizes, SoftmaxRegressionCompilesOnceWithTheSameBits) {
  GradientDescentOptimizer optimizer(0.5);
  expect_one_program_with_the_same_bits(dense(x, 784, 10, "softmax"), optimizer);
}

TEST_F(BatchSizes, MlpTrainingStepCompilesOnceWithTheSameBits) {
  AdamOptimizer optimizer(0.001);
  const Tensor hidden = relu(dense(relu(dense(x, 784, 512, "hidden1")), 512, 512, "hidden2"));
  expect_one_program_with_the_same_bits(dense(hidden, 512, 10, "softmax"), optimizer);
}

}  // namespace
}  // namespace dlc
