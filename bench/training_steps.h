// Training steps that the benchmarks time and the allocation test counts, built over the public
// interface only. Sizes, losses and optimisers are those of nets.py beside the peers' drivers.
//
//   bench::TrainingStep step = bench::training_step("mlp_b64_adam");
//   Session session(step.graph);
//   session.run(step.init);
//   Callable call = session.prepare(step.fetches, step.feed_types());
//   call(step.values);
#pragma once

#include <charconv>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontend/dlc.h"

namespace dlc::bench {

/// One full step (loss, gradients, update) over one fixed batch.
struct TrainingStep {
  Graph graph;
  Operation init;              ///< gives the variables their first values
  std::vector<Fetch> fetches;  ///< the update and the loss
  std::vector<Tensor> feeds;
  std::vector<Array> values;  ///< of the feeds

  std::vector<std::pair<Tensor, FeedType>> feed_types() const {
    std::vector<std::pair<Tensor, FeedType>> types;
    for (size_t i = 0; i < feeds.size(); ++i)
      types.emplace_back(feeds[i], FeedType{values[i].dtype(), values[i].shape()});
    return types;
  }
};

/// Standard normal numbers, the same at every call with one seed.
inline Array normal_values(Shape shape, uint32_t seed) {
  Array a = Array::uninitialized(kFloat32, std::move(shape));
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  for (float& v : a.data<float>()) v = normal(engine);
  return a;
}

/// i64[rows], each in [0, classes).
inline Array class_labels(int64_t rows, int64_t classes, uint32_t seed) {
  Array a = Array::uninitialized(kInt64, {rows});
  std::mt19937 engine(seed);
  for (int64_t& v : a.data<int64_t>()) v = static_cast<int64_t>(engine() % static_cast<uint32_t>(classes));
  return a;
}

/// w^2 - 10 w + 25 and gradient descent, everything f32[].
inline TrainingStep scalar_step() {
  reset_default_graph();
  const Tensor w = variable(0.0f, "w");
  const Tensor cost = w * w - 10.0f * w + 25.0f;
  const Operation train = GradientDescentOptimizer(0.01).minimize(cost);
  return {.graph = default_graph(), .init = global_variables_initializer(), .fetches = {train, cost}};
}

/// A classifier of linear layers, `sizes` wide, with relu between them; x: f32[batch, sizes[0]], labels
/// i64[batch]; mean softmax cross-entropy.
inline TrainingStep classifier_step(int64_t batch, const std::vector<int64_t>& sizes, Optimizer& optimizer) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat32, {batch, sizes.front()}, "x"), labels = placeholder(kInt64, {batch}, "labels");
  Tensor h = x;
  for (size_t i = 0; i + 1 < sizes.size(); ++i) {
    const double limit = 1 / std::sqrt(static_cast<double>(sizes[i]));  // as torch.nn.Linear starts
    const auto seed = static_cast<int64_t>(i) + 1;
    const Scope scope = variable_scope("layer" + std::to_string(i));
    const Tensor w = get_variable("w", {sizes[i], sizes[i + 1]}, random_uniform_initializer(-limit, limit, seed));
    const Tensor b = get_variable("b", {sizes[i + 1]}, random_uniform_initializer(-limit, limit, seed + 100));
    h = matmul(h, w) + b;
    if (i + 2 < sizes.size()) h = relu(h);
  }
  const Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits({.labels = labels, .logits = h}));
  const Operation train = optimizer.minimize(loss);
  return {.graph = default_graph(),
          .init = global_variables_initializer(),
          .fetches = {train, loss},
          .feeds = {x, labels},
          .values = {normal_values({batch, sizes.front()}, 7), class_labels(batch, sizes.back(), 8)}};
}

/// "scalar", or KIND_bBATCH_OPTIMISER: softmaxreg, mlp or signs; sgd, sgdm or adam. Empty for other names.
inline std::optional<TrainingStep> training_step(std::string_view name) {
  if (name == "scalar") return scalar_step();
  const size_t first = name.find("_b"), second = name.rfind('_');
  if (first == std::string_view::npos || second <= first) return std::nullopt;
  const std::string_view kind = name.substr(0, first), optimizer = name.substr(second + 1);
  int64_t batch = 0;
  const auto [end, error] = std::from_chars(name.data() + first + 2, name.data() + second, batch);
  if (error != std::errc() || end != name.data() + second || batch < 1) return std::nullopt;

  std::vector<int64_t> sizes;
  if (kind == "softmaxreg") sizes = {784, 10};
  if (kind == "mlp") sizes = {784, 512, 512, 10};
  if (kind == "signs") sizes = {12288, 25, 12, 6};
  if (sizes.empty()) return std::nullopt;

  GradientDescentOptimizer sgd(0.01);
  MomentumOptimizer momentum(0.01, 0.9);
  AdamOptimizer adam(1e-3);
  if (optimizer == "sgd") return classifier_step(batch, sizes, sgd);
  if (optimizer == "sgdm") return classifier_step(batch, sizes, momentum);
  if (optimizer == "adam") return classifier_step(batch, sizes, adam);
  return std::nullopt;
}

/// x: f32[], then `operations` dependent additions and multiplications, each using the one before.
inline std::pair<Tensor, Tensor> scalar_chain(int operations) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat32, {}, "x");
  Tensor y = x;
  for (int i = 0; i < operations; ++i) y = i % 2 == 0 ? y + x : y * x;
  return {x, y};
}

}  // namespace dlc::bench
