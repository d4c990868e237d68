// convert_element and Array::cast: what SEMANTICS says of conversions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "support/array.h"
#include "support/convert.h"

namespace dlc {
namespace {

using ::testing::ElementsAre;

template <typename To, typename From>
void expect_saturates() {
  using Limits = std::numeric_limits<To>;
  const From inf = std::numeric_limits<From>::infinity();
  EXPECT_EQ((convert_element<To, From>(inf)), Limits::max());
  EXPECT_EQ((convert_element<To, From>(-inf)), Limits::min());
  EXPECT_EQ((convert_element<To, From>(std::numeric_limits<From>::quiet_NaN())), To{0});
  EXPECT_EQ((convert_element<To, From>(std::numeric_limits<From>::max())), Limits::max());
  EXPECT_EQ((convert_element<To, From>(std::numeric_limits<From>::lowest())), Limits::min());

  // The power of two just above the largest value, and its two neighbours.
  const From above = std::ldexp(From{1}, Limits::digits);
  EXPECT_EQ((convert_element<To, From>(above)), Limits::max());
  const From below = std::nextafter(above, From{0});
  EXPECT_EQ((convert_element<To, From>(below)), static_cast<To>(below));
  EXPECT_EQ((convert_element<To, From>(std::nextafter(above, inf))), Limits::max());

  const From lowest = static_cast<From>(Limits::min());  // 0 or minus a power of two: exact
  EXPECT_EQ((convert_element<To, From>(lowest)), Limits::min());
  EXPECT_EQ((convert_element<To, From>(std::nextafter(lowest, -inf))), Limits::min());
}

TEST(Convert, FloatToIntegerSaturates) {
  expect_saturates<uint8_t, float>();
  expect_saturates<uint8_t, double>();
  expect_saturates<int32_t, float>();
  expect_saturates<int32_t, double>();
  expect_saturates<uint32_t, float>();
  expect_saturates<uint32_t, double>();
  expect_saturates<int64_t, float>();
  expect_saturates<int64_t, double>();
  expect_saturates<uint64_t, float>();
  expect_saturates<uint64_t, double>();
}

TEST(Convert, FloatToIntegerTruncatesTowardsZero) {
  EXPECT_EQ((convert_element<int32_t>(2.9F)), 2);
  EXPECT_EQ((convert_element<int32_t>(-2.9F)), -2);
  EXPECT_EQ((convert_element<uint8_t>(-0.9)), 0);
  EXPECT_EQ((convert_element<uint8_t>(255.9)), 255);
  EXPECT_EQ((convert_element<int64_t>(-9007199254740993.0)), -9007199254740992);
}

TEST(Convert, IntegersWrap) {
  EXPECT_EQ((convert_element<uint8_t>(int32_t{257})), 1);
  EXPECT_EQ((convert_element<uint8_t>(int32_t{-1})), 255);
  EXPECT_EQ((convert_element<int32_t>(int64_t{1} << 31)), std::numeric_limits<int32_t>::min());
  EXPECT_EQ((convert_element<int64_t>(std::numeric_limits<uint64_t>::max())), -1);
}

TEST(Convert, BoolIsNotZero) {
  EXPECT_TRUE((convert_element<bool>(0.25F)));
  EXPECT_TRUE((convert_element<bool>(std::nanf(""))));
  EXPECT_FALSE((convert_element<bool>(-0.0)));
  EXPECT_TRUE((convert_element<bool>(int32_t{256})));
  EXPECT_EQ((convert_element<float>(true)), 1.0F);
}

TEST(Convert, DoubleToFloatRoundsAndOverflowsToInfinity) {
  EXPECT_EQ((convert_element<float>(0.1)), 0.1F);
  EXPECT_EQ((convert_element<float>(1e300)), INFINITY);
  EXPECT_EQ((convert_element<float>(-1e300)), -INFINITY);
}

TEST(Convert, CastConvertsEachElement) {
  const Array a = Array::of<float>({4}, {-1.5F, 0, 300, NAN});
  EXPECT_THAT(a.cast(kUInt8).data<uint8_t>(), ElementsAre(0, 0, 255, 0));
  EXPECT_THAT(a.cast(kInt32).data<int32_t>(), ElementsAre(-1, 0, 300, 0));
  EXPECT_THAT(a.cast(kBool).data<bool>(), ElementsAre(true, false, true, true));
  EXPECT_EQ(a.cast(kFloat64).dtype(), kFloat64);
}

TEST(Convert, CastBetweenAllPairsKeepsSmallNumbers) {
  for (const DType from : kAllDTypes)
    for (const DType to : kAllDTypes) {
      const Array a = Array::full(from, {2}, 1).cast(to);
      EXPECT_EQ(a.dtype(), to);
      EXPECT_EQ(a.value_as_double(0), 1) << to_string(from) << " to " << to_string(to);
    }
}

}  // namespace
}  // namespace dlc
