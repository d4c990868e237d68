#include "support/array.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace dlc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Runs `f`, which must throw an Exception, and returns its Error.
template <typename F>
Error error_of(F&& f) {
  try {
    f();
  } catch (const Exception& e) {
    return e.error();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(Array, OwnsZeroedAlignedElements) {
  const Array a(kFloat64, {3, 5});
  EXPECT_EQ(a.num_elements(), 15);
  EXPECT_EQ(a.num_bytes(), 120u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(a.bytes()) % 64, 0u);
  for (const double x : a.data<double>()) EXPECT_EQ(x, 0.0);
}

TEST(Array, IndexesRowMajor) {
  const Array a = Array::of<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(a.at<int32_t>({0, 2}), 3);
  EXPECT_EQ(a.at<int32_t>({1, 0}), 4);
  EXPECT_EQ(a.dim(1), 3);
  EXPECT_EQ(Array::scalar(2.5).at<double>({}), 2.5);
}

TEST(Array, DefaultIsAnEmptyVector) {
  const Array a;
  EXPECT_EQ(a.shape(), (Shape{0}));
  EXPECT_EQ(a.num_elements(), 0);
  EXPECT_EQ(a.str(), "f32[0] []");
  EXPECT_TRUE(a.clone().identical(a));
}

TEST(Array, CopySharesCloneDoesNot) {
  Array a = Array::of<float>({2}, {1, 2});
  const Array same = a;
  const Array other = a.clone();
  a.data<float>()[0] = 7;
  EXPECT_EQ(same.at<float>({0}), 7);
  EXPECT_EQ(other.at<float>({0}), 1);
}

TEST(Array, BorrowUsesTheCallersMemory) {
  float memory[2] = {1, 2};
  Array a = Array::borrow(kFloat32, {2}, memory);
  memory[1] = 5;
  EXPECT_THAT(a.data<float>(), ElementsAre(1, 5));
}

TEST(Array, ShareKeepsItsOwnerAlive) {
  auto memory = std::make_shared<std::vector<int64_t>>(std::vector<int64_t>{4, 5});
  const std::weak_ptr<std::vector<int64_t>> watch = memory;
  void* data = memory->data();
  {
    const Array a = Array::share(kInt64, {2}, std::move(memory), data);
    EXPECT_FALSE(watch.expired());
    EXPECT_THAT(a.data<int64_t>(), ElementsAre(4, 5));
  }
  EXPECT_TRUE(watch.expired());
}

TEST(Array, ReshapedSharesAndChecksTheCount) {
  Array a = Array::of<float>({2, 2}, {1, 2, 3, 4});
  Array row = a.reshaped({4});
  row.data<float>()[3] = 9;
  EXPECT_EQ(a.at<float>({1, 1}), 9);
  const Error e = error_of([&] { a.reshaped({3}); });
  EXPECT_EQ(e.code, ErrorCode::kInvalidShape);
  EXPECT_EQ(e.message, "cannot reshape f32[2,2] to [3]: 4 elements, but 3 are needed");
  // Two negative sizes have a positive product.
  EXPECT_EQ(error_of([&] { a.reshaped({-2, -2}); }).code, ErrorCode::kInvalidShape);
}

TEST(Array, WrongUseIsTheCallersError) {
  const Array a = Array::of<float>({2}, {1, 2});
  EXPECT_EQ(error_of([&] { a.data<double>(); }).code, ErrorCode::kInvalidType);
  EXPECT_EQ(error_of([&] { a.item<float>(); }).code, ErrorCode::kInvalidShape);
  EXPECT_EQ(error_of([&] { a.at<float>({2}); }).code, ErrorCode::kOutOfRange);
  EXPECT_EQ(error_of([&] { a.at<float>({-1}); }).code, ErrorCode::kOutOfRange);
  EXPECT_EQ(error_of([&] { a.at<float>({0, 0}); }).code, ErrorCode::kOutOfRange);
  const Error count = error_of([] { Array::of<float>({3}, {1, 2}); });
  EXPECT_EQ(count.code, ErrorCode::kInvalidShape);
  EXPECT_EQ(count.message, "2 values given for f32[3], which holds 3");
}

TEST(Array, TooLargeIsAnErrorNotACrash) {
  EXPECT_EQ(error_of([] { Array(kFloat32, {-1}); }).code, ErrorCode::kInvalidShape);
  EXPECT_EQ(error_of([] { Array(kFloat32, {int64_t{1} << 62, 4}); }).code, ErrorCode::kResourceExhausted);
#ifndef DLC_SANITIZED  // the sanitizers' allocators abort rather than refuse
  const Error e = error_of([] { Array::uninitialized(kFloat32, {int64_t{1} << 60}); });
  EXPECT_EQ(e.code, ErrorCode::kResourceExhausted);
  EXPECT_THAT(e.message, HasSubstr("no memory for f32[1152921504606846976]"));
#endif
}

TEST(Array, IdenticalComparesTypeShapeAndBits) {
  const Array zero = Array::scalar(0.0F);
  EXPECT_TRUE(zero.identical(Array::scalar(0.0F)));
  EXPECT_FALSE(zero.identical(Array::scalar(-0.0F)));
  EXPECT_FALSE(zero.identical(Array::scalar(0)));
  EXPECT_FALSE(zero.identical(Array::of<float>({1}, {0})));
  const Array nan = Array::scalar(std::nanf(""));
  EXPECT_TRUE(nan.identical(nan.clone()));
}

TEST(Array, FullAndDoubleAccessConvert) {
  Array a = Array::full(kUInt8, {2}, 300);
  EXPECT_THAT(a.data<uint8_t>(), ElementsAre(255, 255));
  a.set_from_double(1, -3);
  EXPECT_EQ(a.value_as_double(1), 0);
  EXPECT_THAT(Array::full(kBool, {1}, 0.25).data<bool>(), ElementsAre(true));
}

TEST(ArrayStr, NestsAndKeepsTypes) {
  EXPECT_EQ(Array::of<float>({2, 2}, {1, 2.5F, -0.0F, 1e30F}).str(), "f32[2,2] [[1, 2.5], [-0, 1e+30]]");
  EXPECT_EQ(Array::of<bool>({2}, {true, false}).str(), "bool[2] [true, false]");
  EXPECT_EQ(Array::of<uint8_t>({2}, {65, 0}).str(), "u8[2] [65, 0]");
  EXPECT_EQ(Array::scalar(std::numeric_limits<int64_t>::min()).str(), "i64[] -9223372036854775808");
  EXPECT_EQ(Array::of<double>({3}, {INFINITY, -INFINITY, NAN}).str(), "f64[3] [inf, -inf, nan]");
  EXPECT_EQ(fmt::format("{}", Array::scalar(0.1F)), "f32[] 0.1");
}

TEST(ArrayStr, AbbreviatesLongAxes) {
  Array a(kInt32, {100});
  for (int i = 0; i < 100; ++i) a.data<int32_t>()[static_cast<size_t>(i)] = i;
  EXPECT_EQ(a.str(10), "i32[100] [0, 1, 2, ..., 97, 98, 99]");
  EXPECT_EQ(a.reshaped({10, 10}).reshaped({50, 2}).str(10),
            "i32[50,2] [[0, 1], [2, 3], [4, 5], ..., [94, 95], [96, 97], [98, 99]]");
}

TEST(ArrayStr, EmptyAxesStayShort) {
  EXPECT_EQ(Array(kFloat32, {2, 0}).str(), "f32[2,0] [[], []]");
  EXPECT_EQ(Array(kFloat32, {0, 2}).str(), "f32[0,2] []");
  EXPECT_EQ(Array(kFloat32, {int64_t{1} << 40, 0}).str(), "f32[1099511627776,0] [[], [], [], ..., [], [], []]");
  EXPECT_LT(Array(kFloat32, {int64_t{1} << 40, int64_t{1} << 40, 6, 6, 6, 6, 6, 0}).str().size(), 20000u);
}

TEST(ArrayStr, ManyShortAxesStayShort) {
  const std::string text = Array(kUInt8, Shape(20, 2)).str(100);
  EXPECT_LT(text.size(), 2000u);
  EXPECT_THAT(text, HasSubstr("..."));
}

}  // namespace
}  // namespace dlc
