// constant dim_value iota rng_bits.
#include <gtest/gtest.h>

#include "support/philox.h"
#include "tests/testing/op_eval.h"

namespace dlc::ir {
namespace {

using test::eval;
using test::fails_with;
using test::infer;
using test::values;

TEST(Constant, HasTypeAndElementsOfItsValue) {
  const Array value = test::array(kInt32, {2, 1}, {3, -4});
  EXPECT_EQ(infer("constant", {}, {{"value", value}})->front().str(), "i32[2,1]");
  EXPECT_TRUE(eval(OpKind::kConstant, {}, {{"value", value}}).identical(value));
}

TEST(DimValue, IsAnI64Scalar) {
  const AttrMap attrs = {{"dim", Dims{Dim(7)}}};
  EXPECT_EQ(infer("dim_value", {}, attrs)->front().str(), "i64[]");
  EXPECT_EQ(eval(OpKind::kDimValue, {}, attrs).item<int64_t>(), 7);
}

TEST(DimValue, C1RejectsTwoDims) {
  EXPECT_THAT(infer("dim_value", {}, {{"dim", Dims{Dim(7), Dim(8)}}}), fails_with("dim_value_c1"));
}

TEST(Iota, CountsAlongItsAxis) {
  const auto iota = [](int64_t axis, DType dtype) {
    return values(eval(OpKind::kIota, {}, {{"dims", Dims{2, 3}}, {"dtype", dtype}, {"axis", axis}}));
  };
  EXPECT_EQ(iota(0, kInt64), (std::vector<double>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(iota(1, kFloat32), (std::vector<double>{0, 1, 2, 0, 1, 2}));
}

TEST(Iota, WrapsInU8AndMayBeEmpty) {
  const AttrMap long_attrs = {{"dims", Dims{258}}, {"dtype", kUInt8}, {"axis", int64_t{0}}};
  EXPECT_EQ(eval(OpKind::kIota, {}, long_attrs).value_as_double(257), 1);
  const AttrMap empty_attrs = {{"dims", Dims{3, 0}}, {"dtype", kInt32}, {"axis", int64_t{0}}};
  EXPECT_EQ(eval(OpKind::kIota, {}, empty_attrs).num_elements(), 0);
}

TEST(Iota, C1RejectsBoolC2RejectsAxis) {
  EXPECT_THAT(infer("iota", {}, {{"dims", Dims{2}}, {"dtype", kBool}, {"axis", int64_t{0}}}), fails_with("iota_c1"));
  EXPECT_THAT(infer("iota", {}, {{"dims", Dims{2}}, {"dtype", kInt32}, {"axis", int64_t{1}}}), fails_with("iota_c2"));
  EXPECT_THAT(infer("iota", {}, {{"dims", Dims{}}, {"dtype", kInt32}, {"axis", int64_t{0}}}), fails_with("iota_c2"));
}

Array random_bits(int64_t graph_seed, int64_t op_seed, uint64_t state, const Dims& dims) {
  return eval(OpKind::kRngBits, {Array::scalar<uint64_t>(state)},
              {{"graph_seed", graph_seed}, {"op_seed", op_seed}, {"dims", dims}});
}

TEST(RngBits, WordsAreBlocksOfPhilox) {
  const Array bits = random_bits(3, 5, 0x123456789abcdef0, {2, 3});
  const PhiloxBlock first = philox_block(philox_key(3, 5), 0x123456789abcdef0, 0);
  const PhiloxBlock second = philox_block(philox_key(3, 5), 0x123456789abcdef0, 1);
  const auto words = bits.data<uint32_t>();
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(words[i], first[i]);
  for (size_t i = 4; i < 6; ++i) EXPECT_EQ(words[i], second[i - 4]);
}

// A prefix does not depend on how much is drawn; seeds and state all matter.
TEST(RngBits, IsAFunctionOfSeedsStateAndElement) {
  const Array a = random_bits(1, 2, 9, {5});
  const Array longer = random_bits(1, 2, 9, {101});
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(a.data<uint32_t>()[i], longer.data<uint32_t>()[i]);
  EXPECT_FALSE(a.identical(random_bits(2, 2, 9, {5})));
  EXPECT_FALSE(a.identical(random_bits(1, 3, 9, {5})));
  EXPECT_FALSE(a.identical(random_bits(1, 2, 10, {5})));
}

TEST(RngBits, C1RejectsOtherStates) {
  const AttrMap attrs = {{"graph_seed", int64_t{0}}, {"op_seed", int64_t{0}}, {"dims", Dims{4}}};
  EXPECT_EQ(infer("rng_bits", {"u64[]"}, attrs)->front().str(), "u32[4]");
  EXPECT_THAT(infer("rng_bits", {"i64[]"}, attrs), fails_with("rng_bits_c1"));
  EXPECT_THAT(infer("rng_bits", {"u64[1]"}, attrs), fails_with("rng_bits_c1"));
}

}  // namespace
}  // namespace dlc::ir
