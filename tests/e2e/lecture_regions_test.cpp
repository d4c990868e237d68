// REQUIREMENTS A2, S-37 to S-39: what softmax with and without hidden layers can tell apart, and softmax
// beside sigmoids. The programs are examples/softmax_regions.cpp and examples/multi_label.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "examples/animals.h"
#include "examples/plane.h"

namespace dlc::examples {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kCells = 41;

/// Pairs of cells of one class whose midpoint is of another class: none where regions are convex, and
/// they are where every boundary of two classes is a line.
int64_t count_bent_regions(Classifier& classifier) {
  const Array regions = classifier.predict(grid(kCells));
  const auto at = [&](int64_t row, int64_t column) { return regions.at<int32_t>({row * kCells + column}); };
  int64_t bent = 0;
  for (int64_t r0 = 0; r0 < kCells; r0 += 2)
    for (int64_t c0 = 0; c0 < kCells; c0 += 2)
      for (int64_t r1 = r0; r1 < kCells; r1 += 4)
        for (int64_t c1 = 0; c1 < kCells; c1 += 4)
          if (at(r0, c0) == at(r1, c1) && at((r0 + r1) / 2, (c0 + c1) / 2) != at(r0, c0)) ++bent;
  return bent;
}

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(LectureRegions, S37_BoundariesWithoutHiddenLayerAreLines) {
  for (const int64_t classes : {4, 5, 6}) {
    SCOPED_TRACE(classes);
    const Points points = heaps(classes);
    Classifier classifier(classes);
    EXPECT_LT(classifier.accuracy(points), 0.9f);  // it is the training that does it
    classifier.train(points, 300);
    EXPECT_GE(classifier.accuracy(points), 0.99f);

    // In the region of class i, (w_i - w_j) . x + b_i - b_j >= 0 for every j: a half-plane for each pair.
    const Array w = classifier.weights(), b = classifier.biases(), cells = grid(kCells);
    ASSERT_EQ(w.shape(), (Shape{2, classes}));
    const Array regions = classifier.predict(cells);
    std::vector<int64_t> area(static_cast<size_t>(classes));
    for (int64_t cell = 0; cell < kCells * kCells; ++cell) {
      const int64_t i = regions.at<int32_t>({cell});
      ++area[static_cast<size_t>(i)];
      for (int64_t j = 0; j < classes; ++j) {
        double side = static_cast<double>(b.at<float>({i})) - static_cast<double>(b.at<float>({j}));
        for (int64_t k = 0; k < 2; ++k)
          side += (static_cast<double>(w.at<float>({k, i})) - static_cast<double>(w.at<float>({k, j}))) *
                  static_cast<double>(cells.at<float>({cell, k}));
        ASSERT_GE(side, -1e-4) << "cell " << cell << " of class " << i << " is on the side of class " << j;
      }
    }
    EXPECT_THAT(area, ::testing::Each(::testing::Gt(kCells)));
    EXPECT_EQ(count_bent_regions(classifier), 0);

    Picture picture;
    picture.add_panel(points, classifier, points.name);
    const std::string svg = picture.svg();
    EXPECT_THAT(svg, ::testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    EXPECT_EQ(count(svg, "<circle "), points.labels.size());
    EXPECT_GE(count(svg, "<rect "), static_cast<size_t>(Picture::kCells));
    for (int32_t c = 0; c < classes; ++c)
      EXPECT_THAT(svg, HasSubstr(fmt::format("fill=\"{}\" opacity", Picture::colour(c))));
  }
}

TEST(LectureRegions, S38_HiddenLayersBendThem) {
  for (const auto& [points, units] : {std::pair(exclusive_or(), 8), std::pair(spirals(), 32)}) {
    SCOPED_TRACE(points.name);
    Classifier without(2), with(2, {units});
    without.train(points, 1000);
    with.train(points, 1000);
    EXPECT_LT(without.accuracy(points), 0.8f);
    EXPECT_EQ(count_bent_regions(without), 0);
    EXPECT_GE(with.accuracy(points), 0.99f);
    EXPECT_GT(count_bent_regions(with), 100);
  }
}

TEST(LectureRegions, S39_SigmoidForMultiLabelSoftmaxForMultiClass) {
  // Any number of labels: sigmoids answer each question, softmax has one certainty to share.
  const Pictures any = any_animals(400);
  Recognizer any_by_sigmoid(Output::kSigmoid), any_by_softmax(Output::kSoftmax);
  any_by_sigmoid.train(any, 500);
  any_by_softmax.train(any, 500);
  EXPECT_GE(any_by_sigmoid.accuracy(any), 0.99f);
  EXPECT_LT(any_by_softmax.accuracy(any), 0.6f);
  const Array two = clear_pictures({{1, 1, 0}, {0, 0, 0}});
  const Array sigmoids = any_by_sigmoid.probabilities(two), softmaxes = any_by_softmax.probabilities(two);
  EXPECT_GT(sigmoids.at<float>({0, 0}), 0.9f);
  EXPECT_GT(sigmoids.at<float>({0, 1}), 0.9f);
  for (const int64_t animal : {0, 1, 2}) EXPECT_LT(sigmoids.at<float>({1, animal}), 0.1f);
  float sum = 0;
  for (const int64_t animal : {0, 1, 2}) sum += softmaxes.at<float>({1, animal});
  EXPECT_NEAR(sum, 1, 1e-6) << "softmax cannot say that there is nothing";

  // Exactly one: softmax is right, and its outputs are a distribution on any picture.
  const Pictures one = one_animal(300);
  Recognizer one_by_softmax(Output::kSoftmax);
  one_by_softmax.train(one, 500);
  EXPECT_GE(one_by_softmax.accuracy(one), 0.99f);
  const Array distribution = one_by_softmax.probabilities(one.features);
  for (int64_t i = 0; i < 300; ++i)
    EXPECT_NEAR(distribution.at<float>({i, 0}) + distribution.at<float>({i, 1}) + distribution.at<float>({i, 2}), 1,
                1e-6);
}

}  // namespace
}  // namespace dlc::examples
