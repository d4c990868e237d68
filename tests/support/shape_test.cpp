#include "support/shape.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace dlc {
namespace {

constexpr int64_t kHuge = int64_t{1} << 40;

TEST(Shape, CountsElements) {
  EXPECT_EQ(num_elements(Shape{}), 1);
  EXPECT_EQ(num_elements(Shape{2, 3, 4}), 24);
  EXPECT_EQ(num_elements(Shape{kHuge, kHuge, 0}), 0);
}

TEST(Shape, CheckedCountRefusesWhatDoesNotFit) {
  EXPECT_EQ(*checked_num_elements(Shape{2, 3}), 6);
  EXPECT_EQ(*checked_num_elements(Shape{kHuge, kHuge, 0}), 0);
  const auto negative = checked_num_elements(Shape{2, -3});
  ASSERT_FALSE(negative);
  EXPECT_EQ(negative.error().code, ErrorCode::kInvalidShape);
  EXPECT_EQ(negative.error().message, "shape [2,-3] has a negative size");
  EXPECT_EQ(checked_num_elements(Shape{0, -1}).error().code, ErrorCode::kInvalidShape);
  EXPECT_EQ(checked_num_elements(Shape{kHuge, kHuge}).error().code, ErrorCode::kResourceExhausted);
  // Elements fit, bytes do not.
  EXPECT_TRUE(checked_num_elements(Shape{int64_t{1} << 61}, kUInt8));
  EXPECT_EQ(checked_num_elements(Shape{int64_t{1} << 61}, kFloat64).error().code, ErrorCode::kResourceExhausted);
}

TEST(Shape, StridesAreRowMajor) {
  EXPECT_EQ(row_major_strides(Shape{}), Shape{});
  EXPECT_EQ(row_major_strides(Shape{2, 3, 4}), (Shape{12, 4, 1}));
  EXPECT_EQ(row_major_strides(Shape{0, kHuge, kHuge}).size(), 3u);  // defined, though meaningless
}

TEST(Shape, Prints) {
  EXPECT_EQ(shape_str(Shape{}), "[]");
  EXPECT_EQ(type_str(kFloat32, Shape{2, 0}), "f32[2,0]");
}

}  // namespace
}  // namespace dlc
