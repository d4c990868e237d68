#include "frontend/data/digits.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "frontend/data/dataset.h"
#include "frontend/data/random.h"
#include "tests/frontend/data/data_testing.h"

namespace dlc {
namespace {

using namespace testing_data;

TEST(DataRandom, PhiloxGivesTheAuthorsVectors) {
  // Random123, tests/kat_vectors: philox4x32 10.
  using Block = std::array<uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(DataRandom, DrawsStayInTheirRangeAndFillIt) {
  DataRandom random(7, 0);
  std::array<int, 10> counts = {};
  for (int i = 0; i < 10'000; ++i) {
    const float u = random.uniform();
    ASSERT_TRUE(u >= 0.0f && u < 1.0f);
    ASSERT_LT(std::abs(random.triangular(2.0f)), 2.0f);
    ++counts[random.below(10)];
  }
  for (const int n : counts) EXPECT_NEAR(n, 1000, 150);
  EXPECT_NE(DataRandom(7, 0).next(), DataRandom(7, 1).next());
  EXPECT_NE(DataRandom(7, 0).next(), DataRandom(8, 0).next());
}

TEST(Digits, SameBitsOnEveryMachine) {
  const LabelledImages set = value_or_throw(generate_digits(200, 42));
  const auto crc = [](const Array& a) {
    return crc32(0, reinterpret_cast<const Bytef*>(a.bytes()), static_cast<uInt>(a.num_bytes()));
  };
  // A change of these numbers changes every result that anyone got with the data set: say so in its notes.
  EXPECT_EQ(crc(set.labels), 751824481u);
  EXPECT_EQ(crc(set.images), 1612126758u);
}

TEST(Digits, ShapesLabelsAndBalance) {
  const LabelledImages set = value_or_throw(generate_digits(1003, 1));
  EXPECT_EQ(set.images.type_str(), "u8[1003,28,28]");
  EXPECT_EQ(set.labels.type_str(), "i32[1003]");
  std::array<int, 10> counts = {};
  for (const int32_t label : set.labels.data<int32_t>()) {
    ASSERT_TRUE(label >= 0 && label < 10);
    ++counts[static_cast<size_t>(label)];
  }
  for (size_t digit = 0; digit < 10; ++digit) EXPECT_EQ(counts[digit], digit < 3 ? 101 : 100);
  EXPECT_FALSE(std::is_sorted(set.labels.data<int32_t>().begin(), set.labels.data<int32_t>().end()));
  EXPECT_EQ(value_or_throw(generate_digits(0, 1)).images.type_str(), "u8[0,28,28]");
  EXPECT_TRUE(
      fails_with(generate_digits(-1, 1), ErrorCode::kInvalidArgument, "expected 0 to 100000000 images, got -1"));
}

TEST(Digits, SeedsAndStreamsDiffer) {
  const LabelledImages a = value_or_throw(generate_digits(50, 1)), again = value_or_throw(generate_digits(50, 1)),
                       other_seed = value_or_throw(generate_digits(50, 2)),
                       other_stream = value_or_throw(generate_digits(50, 1, 1));
  EXPECT_TRUE(same(a.images, again.images));
  EXPECT_TRUE(same(a.labels, again.labels));
  EXPECT_FALSE(a.images.identical(other_seed.images));
  EXPECT_FALSE(a.images.identical(other_stream.images));
  EXPECT_FALSE(a.labels.identical(other_stream.labels));
}

TEST(Digits, EveryImageHasInkAndPaper) {
  const LabelledImages set = value_or_throw(generate_digits(2000, 3));
  const std::span<const uint8_t> pixels = set.images.data<uint8_t>();
  for (size_t i = 0; i < 2000; ++i) {
    const auto image = pixels.subspan(i * 784, 784);
    const auto ink = std::count_if(image.begin(), image.end(), [](uint8_t v) { return v > 128; });
    ASSERT_TRUE(ink > 10 && ink < 350) << "image " << i << " has " << ink << " dark pixels";
  }
}

/// Plain softmax regression by stochastic gradient descent; the fraction of test images it gets right.
double linear_accuracy(const Dataset& set, int epochs, float rate) {
  const Array x = normalized_images(set.train.images), tx = normalized_images(set.test.images);
  std::vector<float> w(7840, 0.0f), b(10, 0.0f);
  std::array<float, 10> z = {};
  const auto predict = [&](const float* row) {
    for (size_t k = 0; k < 10; ++k) z[k] = std::inner_product(row, row + 784, &w[k * 784], b[k]);
    return static_cast<int>(std::max_element(z.begin(), z.end()) - z.begin());
  };
  for (int epoch = 0; epoch < epochs; ++epoch) {
    for (int64_t i = 0; i < x.dim(0); ++i) {
      const float* row = &x.data<float>()[static_cast<size_t>(i) * 784];
      const float top = z[static_cast<size_t>(predict(row))];
      float sum = 0;
      for (float& v : z) sum += v = std::exp(v - top);
      for (size_t k = 0; k < 10; ++k) {
        const bool is_label = set.train.labels.data<int32_t>()[static_cast<size_t>(i)] == static_cast<int>(k);
        const float step = rate * (z[k] / sum - (is_label ? 1.0f : 0.0f));
        for (size_t p = 0; p < 784; ++p) w[k * 784 + p] -= step * row[p];
        b[k] -= step;
      }
    }
  }
  int right = 0;
  for (int64_t i = 0; i < tx.dim(0); ++i)
    right += predict(&tx.data<float>()[static_cast<size_t>(i) * 784]) ==
             set.test.labels.data<int32_t>()[static_cast<size_t>(i)];
  return static_cast<double>(right) / static_cast<double>(tx.dim(0));
}

TEST(Digits, ALinearClassifierLearnsMostButNotAll) {
  const double accuracy = linear_accuracy(value_or_throw(make_digits(8000, 1000, 1)), 3, 0.01f);
  // With 60,000 images it gets to 92 %.
  EXPECT_GT(accuracy, 0.84);
  EXPECT_LT(accuracy, 0.96);
}

TEST(DrawDigit, DrawsInBothStyles) {
  Array image(kUInt8, {4, 2});
  image.data<uint8_t>()[0] = 255;  // top left
  image.data<uint8_t>()[3] = 255;  // second row, right
  image.data<uint8_t>()[4] = 255;  // third and fourth row, left
  image.data<uint8_t>()[6] = 255;
  EXPECT_EQ(value_or_throw(draw_digit(image)), "▀▄\n█ \n");
  EXPECT_EQ(value_or_throw(draw_digit(image, DrawStyle::kAscii)), "@@  \n  @@\n@@  \n@@  \n");
  EXPECT_EQ(value_or_throw(draw_digit(Array::of<float>({4}, {0.0f, 0.5f, 1.0f, NAN}), DrawStyle::kAscii)),
            "  ++\n@@  \n");
  EXPECT_EQ(value_or_throw(draw_digit(Array(kFloat32, {1, 28, 28, 1}))).size(), 14u * 29u);
  EXPECT_EQ(value_or_throw(draw_digit(Array(kFloat32, {784}))).size(), 14u * 29u);
}

TEST(DrawDigit, RefusesWhatIsNoImage) {
  for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 28, 28}, Shape{300, 300}, Shape{0, 5}})
    EXPECT_TRUE(fails_with(draw_digit(Array(kUInt8, shape)), ErrorCode::kInvalidShape, "expected one image"));
  EXPECT_TRUE(fails_with(draw_digit(Array(kInt32, {28, 28})), ErrorCode::kInvalidType, "got i32[28,28]"));
}

}  // namespace
}  // namespace dlc
