#include "frontend/data/dataset.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "frontend/data/idx.h"
#include "tests/frontend/data/data_testing.h"

namespace dlc {
namespace {

using namespace testing_data;

/// A folder with four small files of MNIST's form; `gz` compresses them.
void write_small_mnist(const TempDir& dir, bool gz) {
  const std::string end = gz ? ".gz" : "";
  for (const auto& [prefix, n] : {std::pair<std::string, int64_t>("train", 6), {"t10k", 2}}) {
    ASSERT_TRUE(succeeded(write_idx(dir / (prefix + "-images-idx3-ubyte" + end), Array::full(kUInt8, {n, 3, 3}, 51))));
    ASSERT_TRUE(succeeded(write_idx(dir / (prefix + "-labels-idx1-ubyte" + end), Array::full(kUInt8, {n}, 9))));
  }
}

TEST(Mnist, LoadsPlainAndGzip) {
  for (const bool gz : {false, true}) {
    const TempDir dir;
    write_small_mnist(dir, gz);
    const Expected<Dataset> set = load_mnist(dir.path());
    ASSERT_TRUE(succeeded(set));
    EXPECT_EQ(set->train.images.type_str(), "u8[6,3,3]");
    EXPECT_EQ(set->train.labels.type_str(), "i32[6]");
    EXPECT_EQ(set->test.images.type_str(), "u8[2,3,3]");
    EXPECT_EQ(set->test.labels.at<int32_t>({1}), 9);
  }
}

TEST(Mnist, SaysWhatIsMissingOrDoesNotFit) {
  const TempDir dir;
  EXPECT_TRUE(fails_with(load_mnist(dir / "none"), ErrorCode::kNotFound, "none: expected a folder with the MNIST"));
  EXPECT_TRUE(fails_with(load_mnist(dir.path()), ErrorCode::kNotFound, "4 of the four MNIST files missing"));
  write_small_mnist(dir, false);
  const auto replace = [&](const char* file, const Array& with, ErrorCode code, const char* fragment) {
    const std::string old = content_of(dir / file);
    ASSERT_TRUE(succeeded(write_idx(dir / file, with)));
    EXPECT_TRUE(fails_with(load_mnist(dir.path()), code, fragment));
    write_plain(dir / file, old);
  };
  const auto kData = ErrorCode::kData;
  replace("train-labels-idx1-ubyte", Array(kUInt8, {5}), kData, "expected one label for each of 6 images, found 5");
  replace("train-labels-idx1-ubyte", Array::full(kUInt8, {6}, 10), kData,
          "expected labels 0 to 9, found 10 at index 0");
  replace("train-labels-idx1-ubyte", Array(kInt32, {6}), kData, "expected labels u8[n], found i32[6]");
  replace("train-images-idx3-ubyte", Array(kUInt8, {6, 9}), kData, "expected images u8[n,h,w], found u8[6,9]");
  replace("t10k-images-idx3-ubyte", Array(kUInt8, {2, 3, 4}), kData, "expected test images as large as the training");
  EXPECT_TRUE(succeeded(load_mnist(dir.path())));
  std::filesystem::remove(dir / "t10k-labels-idx1-ubyte");
  EXPECT_TRUE(fails_with(load_mnist(dir.path()), ErrorCode::kNotFound,
                         "one of the four MNIST files missing (plain or .gz): t10k-labels-idx1-ubyte"));
}

TEST(Mnist, TheRealFiles) {
  const auto folder = real_data();
  if (!folder) GTEST_SKIP() << "no real data here (DLC_DATA_DIR)";
  const Expected<Dataset> set = load_mnist(*folder / "mnist");
  ASSERT_TRUE(succeeded(set));
  EXPECT_EQ(set->train.images.type_str(), "u8[60000,28,28]");
  EXPECT_EQ(set->test.images.type_str(), "u8[10000,28,28]");
  const std::span<const int32_t> labels = set->train.labels.data<int32_t>();
  EXPECT_EQ(std::vector<int32_t>(labels.begin(), labels.begin() + 5), (std::vector<int32_t>{5, 0, 4, 1, 9}));
  const std::span<const uint8_t> pixels = set->train.images.data<uint8_t>();
  const double mean = std::accumulate(pixels.begin(), pixels.end(), 0.0) / static_cast<double>(pixels.size()) / 255;
  EXPECT_NEAR(mean, 0.1307, 1e-4);  // the value everyone normalises with
}

TEST(Dataset, DigitsHaveDifferentTestImages) {
  const Expected<Dataset> set = make_digits(20, 20, 1);
  ASSERT_TRUE(succeeded(set));
  EXPECT_FALSE(set->train.images.identical(set->test.images));
  EXPECT_TRUE(fails_with(make_digits(10, -1, 1), ErrorCode::kInvalidArgument, "got -1"));
}

TEST(Dataset, NormalizedImagesAreRowsFromZeroToOne) {
  const Array rows = normalized_images(Array::of<uint8_t>({2, 1, 2}, {0, 51, 102, 255}));
  EXPECT_TRUE(same(rows, Array::of<float>({2, 2}, {0.0f, 0.2f, 0.4f, 1.0f})));
  EXPECT_EQ(normalized_images(Array(kUInt8, {0, 28, 28})).type_str(), "f32[0,784]");
}

/// Rows 0 to n-1: x[i] = {i, -i} and label i.
NamedArrays counting_arrays(int64_t n) {
  Array x(kFloat32, {n, 2}), y(kInt32, {n});
  for (int64_t i = 0; i < n; ++i) {
    x.set_from_double(2 * i, static_cast<double>(i));
    x.set_from_double(2 * i + 1, static_cast<double>(-i));
    y.set_from_double(i, static_cast<double>(i));
  }
  return {{"x", x}, {"y", y}};
}

/// The labels of one epoch in order; checks that rows stay together.
std::vector<int32_t> epoch_labels(Batcher& batches) {
  std::vector<int32_t> all;
  while (batches.next()) {
    const Array &x = batches.array("x"), &y = batches.array("y");
    EXPECT_EQ(x.dim(0), y.dim(0));
    for (int64_t i = 0; i < y.dim(0); ++i) {
      EXPECT_EQ(x.at<float>({i, 0}), static_cast<float>(y.at<int32_t>({i})));
      EXPECT_EQ(x.at<float>({i, 1}), static_cast<float>(-y.at<int32_t>({i})));
      EXPECT_EQ(batches.rows()[static_cast<size_t>(i)], y.at<int32_t>({i}));
      all.push_back(y.at<int32_t>({i}));
    }
  }
  return all;
}

TEST(Batcher, InOrderWithASmallerLastBatch) {
  Expected<Batcher> batches = Batcher::create(counting_arrays(10), {.batch_size = 4, .shuffle = false});
  ASSERT_TRUE(succeeded(batches));
  EXPECT_EQ(batches->num_batches(), 3);
  for (int epoch = 0; epoch < 2; ++epoch) {
    batches->start_epoch(epoch);
    std::vector<int64_t> sizes;
    std::vector<int32_t> labels;
    while (batches->next()) {
      sizes.push_back(batches->array("x").dim(0));
      const auto y = batches->array(1).data<int32_t>();
      labels.insert(labels.end(), y.begin(), y.end());
    }
    EXPECT_EQ(sizes, (std::vector<int64_t>{4, 4, 2}));
    EXPECT_EQ(labels, (std::vector<int32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    EXPECT_FALSE(batches->next());
  }
}

TEST(Batcher, DropsTheLastBatchOnRequest) {
  Expected<Batcher> batches =
      Batcher::create(counting_arrays(10), {.batch_size = 4, .shuffle = false, .drop_last = true});
  ASSERT_TRUE(succeeded(batches));
  EXPECT_EQ(batches->num_batches(), 2);
  EXPECT_EQ(epoch_labels(*batches).size(), 8u);
}

TEST(Batcher, ShufflesBySeedAndEpochAlone) {
  const auto labels = [](uint64_t seed, int64_t epoch, int64_t before) {
    Batcher batches = value_or_throw(Batcher::create(counting_arrays(100), {.batch_size = 7, .seed = seed}));
    batches.start_epoch(before);
    batches.next();
    batches.start_epoch(epoch);
    return epoch_labels(batches);
  };
  const std::vector<int32_t> first = labels(1, 0, 0);
  EXPECT_EQ(std::set<int32_t>(first.begin(), first.end()).size(), 100u) << "each row once";
  EXPECT_FALSE(std::is_sorted(first.begin(), first.end()));
  EXPECT_EQ(labels(1, 0, 5), first);
  EXPECT_NE(labels(1, 1, 0), first);
  EXPECT_NE(labels(2, 0, 0), first);
}

TEST(Batcher, ReusesItsBuffers) {
  Batcher batches = value_or_throw(Batcher::create(counting_arrays(10), {.batch_size = 4}));
  std::set<const std::byte*> buffers;
  for (int epoch = 0; epoch < 3; ++epoch) {
    batches.start_epoch(epoch);
    while (batches.next()) buffers.insert(batches.array("x").bytes());
  }
  EXPECT_EQ(buffers.size(), 1u);
}

TEST(Batcher, SmallAndEmptyData) {
  Batcher whole = value_or_throw(Batcher::create(counting_arrays(3), {.batch_size = 64}));
  EXPECT_EQ(whole.num_batches(), 1);
  EXPECT_EQ(epoch_labels(whole).size(), 3u);
  Batcher dropped = value_or_throw(Batcher::create(counting_arrays(3), {.batch_size = 64, .drop_last = true}));
  EXPECT_EQ(dropped.num_batches(), 0);
  EXPECT_FALSE(dropped.next());
  Batcher none = value_or_throw(Batcher::create(counting_arrays(0), {.batch_size = 2}));
  EXPECT_EQ(none.num_batches(), 0);
  EXPECT_FALSE(none.next());
  Batcher thin = value_or_throw(Batcher::create({{"x", Array(kFloat32, {5, 0})}}, {.batch_size = 2}));
  int64_t n = 0;
  while (thin.next()) n += thin.array("x").dim(0);
  EXPECT_EQ(n, 5);
}

TEST(Batcher, RefusesWhatDoesNotFit) {
  NamedArrays uneven = counting_arrays(10);
  uneven.emplace_back("z", Array(kFloat32, {9, 2}));
  EXPECT_TRUE(
      fails_with(Batcher::create(uneven, {}), ErrorCode::kInvalidShape, "'x' has 10 (f32[10,2]), but 'z' has 9"));
  EXPECT_TRUE(
      fails_with(Batcher::create({{"s", Array(kFloat32, {})}}, {}), ErrorCode::kInvalidShape, "'s' is a scalar"));
  EXPECT_TRUE(fails_with(Batcher::create({}, {}), ErrorCode::kInvalidArgument, "at least one array"));
  EXPECT_TRUE(fails_with(Batcher::create(counting_arrays(2), {.batch_size = 0}), ErrorCode::kInvalidArgument,
                         "batch size of at least 1, got 0"));
}

}  // namespace
}  // namespace dlc
