#include "support/dtype.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace dlc {
namespace {

TEST(DType, NamesReadBack) {
  for (const DType t : kAllDTypes) EXPECT_EQ(dtype_from_string(to_string(t)), t);
  EXPECT_EQ(dtype_from_string("f16"), std::nullopt);
  EXPECT_EQ(dtype_from_string("F32"), std::nullopt);
  EXPECT_EQ(dtype_from_string(""), std::nullopt);
  EXPECT_EQ(fmt::format("{}", kInt64), "i64");
}

TEST(DType, DispatchAgreesWithTheTypeAndItsSize) {
  for (const DType t : kAllDTypes)
    dispatch(t, [&]<typename T>() {
      EXPECT_EQ(dtype_of<T>(), t);
      EXPECT_EQ(sizeof(T), size_of(t));
      EXPECT_EQ(std::is_floating_point_v<T>, is_float(t));
      EXPECT_EQ((std::is_integral_v<T> && !std::is_same_v<T, bool>), is_int(t));
      EXPECT_EQ((std::is_integral_v<T> && std::is_signed_v<T>), is_signed_int(t));
    });
}

TEST(DType, BothEightByteIntegersOfThePlatformAreI64) {
  EXPECT_EQ(dtype_of<long>(), kInt64);       // NOLINT(google-runtime-int)
  EXPECT_EQ(dtype_of<long long>(), kInt64);  // NOLINT(google-runtime-int)
  EXPECT_EQ(dtype_of<size_t>(), kUInt64);
}

}  // namespace
}  // namespace dlc
