// Points of the plane in classes, a network that tells the classes apart, and pictures of the regions
// that it gives them. Shared by softmax_regions.cpp and its tests.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/dlc.h"

namespace dlc::examples {

/// Everything is drawn in the square from -kReach to kReach.
constexpr double kReach = 4;

struct Points {
  std::string name;
  int64_t classes = 0;
  std::vector<float> xy;  ///< x0, y0, x1, y1, ...
  std::vector<int32_t> labels;

  int64_t size() const { return static_cast<int64_t>(labels.size()); }
  Array positions() const { return Array::of<float>({size(), 2}, xy); }
  Array classes_of_all() const { return Array::of<int32_t>({size()}, labels); }
  void add(double x, double y, int64_t label) {
    xy.push_back(static_cast<float>(x));
    xy.push_back(static_cast<float>(y));
    labels.push_back(static_cast<int32_t>(label));
  }
};

/// Uniform on (-1, 1), the same on every machine (the distributions of <random> are not).
inline double symmetric(std::mt19937& random) { return (static_cast<double>(random()) + 0.5) * 0x1p-31 - 1; }

/// One heap of points for each class, the heaps on a circle.
inline Points heaps(int64_t classes, int64_t per_class = 50) {
  Points points{fmt::format("{} classes", classes), classes, {}, {}};
  std::mt19937 random(1);
  for (int64_t c = 0; c < classes; ++c) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(c) / static_cast<double>(classes) + 0.3;
    for (int64_t i = 0; i < per_class; ++i) {
      // One draw a statement: the order of arguments is the compiler's.
      const double dy = symmetric(random), dx = symmetric(random);
      points.add(2.6 * std::cos(angle) + dx, 2.6 * std::sin(angle) + dy, c);
    }
  }
  return points;
}

/// Class 1 where the signs of x and y differ.
inline Points exclusive_or(int64_t count = 200) {
  Points points{"XOR", 2, {}, {}};
  std::mt19937 random(2);
  while (points.size() < count) {
    const double x = 3 * symmetric(random), y = 3 * symmetric(random);
    if (std::min(std::abs(x), std::abs(y)) > 0.2) points.add(x, y, (x > 0) != (y > 0));
  }
  return points;
}

/// Two arms around each other, one turn and a quarter.
inline Points spirals(int64_t per_arm = 100) {
  Points points{"spirals", 2, {}, {}};
  std::mt19937 random(3);
  for (int64_t arm = 0; arm < 2; ++arm) {
    for (int64_t i = 0; i < per_arm; ++i) {
      const double t = static_cast<double>(i) / static_cast<double>(per_arm - 1);
      const double angle = 2.5 * std::numbers::pi * t + std::numbers::pi * static_cast<double>(arm);
      const double radius = 0.5 + 3 * t;
      const double dy = 0.1 * symmetric(random), dx = 0.1 * symmetric(random);
      points.add(radius * std::cos(angle) + dx, radius * std::sin(angle) + dy, arm);
    }
  }
  return points;
}

/// Layers of `hidden` tanh units each, then softmax over the classes. Without hidden layers this is
/// softmax regression. A graph and a session of its own.
class Classifier {
 public:
  explicit Classifier(int64_t classes, const std::vector<int64_t>& hidden = {}) {
    const Scope scope = graph_.as_default();
    x_ = placeholder(kFloat32, {"n", 2}, "x");
    labels_ = placeholder(kInt32, {"n"}, "labels");
    Tensor a = x_;
    int64_t seed = 1;
    for (const int64_t units : hidden) a = tanh(dense(a, units, seed++));
    Tensor logits = dense(a, classes, seed);
    Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits({.labels = labels_, .logits = logits}));
    predicted_ = argmax(logits, 1, kInt32);
    accuracy_ = reduce_mean(cast(equal(predicted_, labels_), kFloat32));
    train_ = AdamOptimizer(0.03).minimize(loss);
    session_.run(global_variables_initializer());
  }

  void train(const Points& points, int steps) {
    const Feeds feeds = {{x_, points.positions()}, {labels_, points.classes_of_all()}};
    for (int i = 0; i < steps; ++i) session_.run(train_, feeds);
  }
  float accuracy(const Points& points) {
    return session_.run(accuracy_, {{x_, points.positions()}, {labels_, points.classes_of_all()}}).item<float>();
  }
  /// positions: f32[n,2] -> i32[n].
  Array predict(const Array& positions) { return session_.run(predicted_, {{x_, positions}}); }
  /// Of the last layer: f32[units,C], and of softmax regression so f32[2,C].
  Array weights() const { return session_.value(w_); }
  Array biases() const { return session_.value(b_); }

 private:
  Tensor dense(const Tensor& a, int64_t units, int64_t seed) {
    const Scope scope = variable_scope(fmt::format("layer{}", seed));
    w_ = get_variable("W", {a.dims()[1], units}, glorot_uniform(seed));
    b_ = get_variable("b", {units}, zeros_initializer());
    return matmul(a, w_) + b_;
  }

  Graph graph_;
  Tensor x_, labels_, w_, b_, predicted_, accuracy_;
  Operation train_;
  Session session_{graph_, {.num_threads = 1}};  // a step is far too small to be shared
};

/// The centres of `cells` x `cells` equal squares of the plane, row by row from the top: f32[cells^2,2].
inline Array grid(int64_t cells) {
  std::vector<float> xy;
  const auto centre = [&](int64_t i) { return kReach * (2 * (static_cast<double>(i) + 0.5) / cells - 1); };
  for (int64_t row = 0; row < cells; ++row) {
    for (int64_t column = 0; column < cells; ++column) {
      xy.push_back(static_cast<float>(centre(column)));
      xy.push_back(static_cast<float>(-centre(row)));
    }
  }
  return Array::of<float>({cells * cells, 2}, xy);
}

/// Regions of the plane as an SVG: a square for each cell in the colour of its class, dots for points.
class Picture {
 public:
  static constexpr int64_t kCells = 60, kPixels = 5, kSide = kCells * kPixels;

  /// Panels stand in rows of four.
  void add_panel(const Points& points, Classifier& classifier, std::string_view title) {
    const Array regions = classifier.predict(grid(kCells));
    body_ += fmt::format("<g transform=\"translate({},{})\">\n", panels_ % 4 * (kSide + 10),
                         panels_ / 4 * (kSide + 30) + 20);
    body_ += fmt::format("<text y=\"-5\">{}</text>\n", title);
    for (int64_t row = 0; row < kCells; ++row) {
      for (int64_t first = 0, last; first < kCells; first = last) {  // one rectangle for a run of one class
        const int32_t label = regions.at<int32_t>({row * kCells + first});
        for (last = first + 1; last < kCells && regions.at<int32_t>({row * kCells + last}) == label;) ++last;
        body_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" opacity=\".4\"/>\n",
                             first * kPixels, row * kPixels, (last - first) * kPixels, kPixels, colour(label));
      }
    }
    const auto pixel = [](double at) { return (at / kReach + 1) / 2 * kSide; };
    for (size_t i = 0; i < points.labels.size(); ++i)
      body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\" fill=\"{}\"/>\n", pixel(points.xy[2 * i]),
                           pixel(-points.xy[2 * i + 1]), colour(points.labels[i]));
    body_ += "</g>\n";
    ++panels_;
  }

  std::string svg() const {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" "
        "font-size=\"14\">\n{}</svg>\n",
        4 * (kSide + 10), (panels_ + 3) / 4 * (kSide + 30), body_);
  }

  static const char* colour(int32_t label) {
    constexpr const char* kColours[] = {"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b"};
    return kColours[static_cast<size_t>(label) % std::size(kColours)];
  }

 private:
  int64_t panels_ = 0;
  std::string body_;
};

}  // namespace dlc::examples
