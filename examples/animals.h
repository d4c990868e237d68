// Pictures with and without animals, and a layer that recognises them by sigmoids or by softmax. Shared by
// multi_label.cpp and its tests.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "frontend/dlc.h"

namespace dlc::examples {

constexpr int64_t kAnimals = 3;   // cat, dog, chick
constexpr int64_t kFeatures = 4;  // numbers of a picture
/// Whether a picture shows each animal: 0 or 1.
using Shown = std::array<float, kAnimals>;

struct Pictures {
  Array features;  ///< f32[n,4]
  Array labels;    ///< f32[n,3], 0 or 1
};

/// What a picture measures is a mixture of what it shows, plus noise. f32[n,4].
inline Array features_of(const std::vector<Shown>& shown, float noise, unsigned seed) {
  constexpr float kMixture[kAnimals][kFeatures] = {{2, 0, 1, -1}, {0, 2, -1, 1}, {1, 1, 2, 2}};
  std::mt19937 random(seed);
  std::vector<float> values;
  for (const Shown& s : shown) {
    for (int64_t f = 0; f < kFeatures; ++f) {
      float value = noise * (static_cast<float>(random() % 2001) / 1000 - 1);
      for (size_t a = 0; a < s.size(); ++a) value += s[a] * kMixture[a][f];
      values.push_back(value);
    }
  }
  return Array::of<float>({static_cast<int64_t>(shown.size()), kFeatures}, values);
}

inline Array clear_pictures(const std::vector<Shown>& shown) { return features_of(shown, 0, 0); }

inline Pictures pictures_of(const std::vector<Shown>& shown) {
  std::vector<float> labels;
  for (const Shown& s : shown) labels.insert(labels.end(), s.begin(), s.end());
  return {features_of(shown, 0.4f, 1), Array::of<float>({static_cast<int64_t>(shown.size()), kAnimals}, labels)};
}

/// Multi-label: each of the eight combinations equally often.
inline Pictures any_animals(int64_t count) {
  std::vector<Shown> shown;
  for (int64_t i = 0; i < count; ++i)
    shown.push_back({static_cast<float>(i & 1), static_cast<float>(i >> 1 & 1), static_cast<float>(i >> 2 & 1)});
  return pictures_of(shown);
}

/// Multi-class: exactly one animal each.
inline Pictures one_animal(int64_t count) {
  std::vector<Shown> shown(static_cast<size_t>(count), Shown{});
  for (size_t i = 0; i < shown.size(); ++i) shown[i][i % kAnimals] = 1;
  return pictures_of(shown);
}

enum class Output : uint8_t { kSigmoid, kSoftmax };

/// One layer, x W + b, and the output of choice. A graph and a session of its own.
class Recognizer {
 public:
  explicit Recognizer(Output output) {
    const Scope scope = graph_.as_default();
    x_ = placeholder(kFloat32, {"n", kFeatures}, "x");
    labels_ = placeholder(kFloat32, {"n", kAnimals}, "labels");
    Tensor w = get_variable("W", {kFeatures, kAnimals}, glorot_uniform(/*seed=*/1));
    Tensor b = get_variable("b", {kAnimals}, zeros_initializer());
    Tensor logits = matmul(x_, w) + b;
    Tensor loss;
    if (output == Output::kSigmoid) {
      // One question per column: any number of labels may be 1.
      loss = reduce_mean(sigmoid_cross_entropy_with_logits({.labels = labels_, .logits = logits}));
      probabilities_ = sigmoid(logits);
    } else {
      // One question in all: the labels of a picture are shares that sum to 1.
      Tensor shares = labels_ / maximum(reduce_sum(labels_, 1, /*keepdims=*/true), 1.0f);
      loss = reduce_mean(softmax_cross_entropy_with_logits({.labels = shares, .logits = logits}));
      probabilities_ = softmax(logits);
    }
    Tensor right = equal(cast(greater(probabilities_, 0.5f), kFloat32), labels_);
    accuracy_ = reduce_mean(reduce_min(cast(right, kFloat32), 1));
    train_ = AdamOptimizer(0.05).minimize(loss);
    session_.run(global_variables_initializer());
  }

  void train(const Pictures& pictures, int steps) {
    for (int i = 0; i < steps; ++i) session_.run(train_, {{x_, pictures.features}, {labels_, pictures.labels}});
  }
  /// The share of pictures with all answers right; yes is a probability above 1/2.
  float accuracy(const Pictures& pictures) {
    return session_.run(accuracy_, {{x_, pictures.features}, {labels_, pictures.labels}}).item<float>();
  }
  /// features: f32[n,4] -> f32[n,3].
  Array probabilities(const Array& features) { return session_.run(probabilities_, {{x_, features}}); }

 private:
  Graph graph_;
  Tensor x_, labels_, probabilities_, accuracy_;
  Operation train_;
  Session session_{graph_, {.num_threads = 1}};  // a step is far too small to be shared
};

}  // namespace dlc::examples
