// reduce, arg_reduce, scan: type rules by constraint, and values.
#include <cmath>

#include "tests/ir/op_testing.h"

namespace dlc::ir {
namespace {

using ::testing::HasSubstr;

constexpr float kNanF32 = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfF32 = std::numeric_limits<float>::infinity();

AttrMap reduce_attrs(const char* kind, Ints axes) { return {{"kind", std::string(kind)}, {"axes", std::move(axes)}}; }
AttrMap scan_attrs(const char* kind, int64_t axis, bool reverse = false, bool exclusive = false) {
  return {{"kind", std::string(kind)}, {"axis", axis}, {"reverse", reverse}, {"exclusive", exclusive}};
}
AttrMap arg_attrs(const char* kind, int64_t axis, DType dtype = kInt64) {
  return {{"kind", std::string(kind)}, {"axis", axis}, {"dtype", dtype}};
}

TEST(ReduceInfer, NamesEachConstraint) {
  EXPECT_THAT(infer(OpKind::kReduce, {"f32[2]"}, reduce_attrs("mean", {0})), HasSubstr("reduce_c1: "));
  EXPECT_THAT(infer(OpKind::kReduce, {"bool[2]"}, reduce_attrs("sum", {0})), HasSubstr("reduce_c2: "));
  EXPECT_THAT(infer(OpKind::kReduce, {"f32[2]"}, reduce_attrs("any", {0})), HasSubstr("reduce_c2: "));
  EXPECT_THAT(infer(OpKind::kReduce, {"f32[2]"}, reduce_attrs("sum", {1})), HasSubstr("reduce_c3: "));
  EXPECT_THAT(infer(OpKind::kReduce, {"f32[2,3]"}, reduce_attrs("sum", {1, 0})), HasSubstr("reduce_c3: "));
  EXPECT_EQ(infer(OpKind::kReduce, {"f32[n,3,m]"}, reduce_attrs("sum", {0, 2})), "f32[3]");
}

TEST(ReduceMeaning, CombinesAlongAxes) {
  const Array x = counting(kFloat32, {2, 3});
  EXPECT_EQ(run(OpKind::kReduce, {x}, reduce_attrs("sum", {0})), "f32[3] [3, 5, 7]");
  EXPECT_EQ(run(OpKind::kReduce, {x}, reduce_attrs("sum", {1})), "f32[2] [3, 12]");
  EXPECT_EQ(run(OpKind::kReduce, {x}, reduce_attrs("sum", {0, 1})), "f32[] 15");
  EXPECT_EQ(run(OpKind::kReduce, {x}, reduce_attrs("prod", {1})), "f32[2] [0, 60]");
  EXPECT_EQ(run(OpKind::kReduce, {x}, reduce_attrs("max", {1})), "f32[2] [2, 5]");
  EXPECT_EQ(run(OpKind::kReduce, {x}, reduce_attrs("min", {0})), "f32[3] [0, 1, 2]");
  EXPECT_EQ(run(OpKind::kReduce, {counting(kInt32, {2, 2, 2})}, reduce_attrs("sum", {0, 2})), "i32[2] [10, 18]");
  const Array b = Array::of<bool>({2, 2}, {true, false, true, true});
  EXPECT_EQ(run(OpKind::kReduce, {b}, reduce_attrs("all", {1})), "bool[2] [false, true]");
  EXPECT_EQ(run(OpKind::kReduce, {b}, reduce_attrs("any", {0})), "bool[2] [true, true]");
}

TEST(ReduceMeaning, OfNothingIsTheIdentity) {
  const auto of = [](DType t, const char* kind) {
    return try_run(OpKind::kReduce, {Array(t, {0})}, reduce_attrs(kind, {0})).value().at(0);
  };
  EXPECT_EQ(of(kFloat32, "sum").item<float>(), 0);
  EXPECT_EQ(of(kFloat32, "prod").item<float>(), 1);
  EXPECT_EQ(of(kFloat32, "max").item<float>(), -kInfF32);
  EXPECT_EQ(of(kFloat32, "min").item<float>(), kInfF32);
  EXPECT_EQ(of(kInt32, "max").item<int32_t>(), INT32_MIN);
  EXPECT_EQ(of(kUInt8, "min").item<uint8_t>(), 255);
  EXPECT_FALSE(of(kBool, "any").item<bool>());
  EXPECT_TRUE(of(kBool, "all").item<bool>());
}

TEST(ReduceMeaning, PropagatesNanAndWrapsIntegers) {
  for (const char* kind : {"sum", "prod", "max", "min"})
    for (const Array& x : {f32({3}, {kNanF32, 1, 2}), f32({3}, {1, kNanF32, 2}), f32({3}, {1, 2, kNanF32})})
      EXPECT_TRUE(std::isnan(try_run(OpKind::kReduce, {x}, reduce_attrs(kind, {0}))->at(0).item<float>())) << kind;
  EXPECT_EQ(run(OpKind::kReduce, {i32({2}, {INT32_MAX, 1})}, reduce_attrs("sum", {0})), "i32[] -2147483648");
  EXPECT_EQ(run(OpKind::kReduce, {Array::of<uint8_t>({2}, {16, 17})}, reduce_attrs("prod", {0})), "u8[] 16");
}

TEST(ReduceMeaning, CarriesF32InF64) {
  Array x(kFloat32, {100001});
  for (float& v : x.data<float>()) v = 1e-3f;
  x.data<float>()[0] = 1e5f;
  // In f32 each addend below half an ulp of 1e5 (0.0039) would be lost.
  EXPECT_EQ(try_run(OpKind::kReduce, {x}, reduce_attrs("sum", {0}))->at(0).item<float>(), 100100.0f);
}

/// 100,000 times the f64 next to 0.1, exactly and then rounded; in order and in f64 it is 10000.000000018848.
TEST(ReduceMeaning, CarriesF64InMore) {
  EXPECT_EQ(run(OpKind::kReduce, {Array::full(kFloat64, {100000}, 0.1)}, reduce_attrs("sum", {0})), "f64[] 10000");
}

TEST(ArgReduceInfer, NamesEachConstraint) {
  EXPECT_THAT(infer(OpKind::kArgReduce, {"f32[2]"}, arg_attrs("sum", 0)), HasSubstr("arg_reduce_c1: "));
  EXPECT_THAT(infer(OpKind::kArgReduce, {"f32[2]"}, arg_attrs("max", 1)), HasSubstr("arg_reduce_c2: "));
  EXPECT_THAT(infer(OpKind::kArgReduce, {"f32[2]"}, arg_attrs("max", 0, kFloat32)), HasSubstr("arg_reduce_c3: "));
  EXPECT_THAT(infer(OpKind::kArgReduce, {"f32[2,0]"}, arg_attrs("max", 1)), HasSubstr("arg_reduce_c4: "));
  EXPECT_EQ(infer(OpKind::kArgReduce, {"f32[n,10]"}, arg_attrs("max", 1, kInt32)), "i32[n]");
}

TEST(ArgReduceMeaning, TakesTheFirstOfEqualsAndTheFirstNan) {
  EXPECT_EQ(run(OpKind::kArgReduce, {f32({2, 3}, {1, 3, 3, 2, 0, 0})}, arg_attrs("max", 1)), "i64[2] [1, 0]");
  EXPECT_EQ(run(OpKind::kArgReduce, {f32({2, 3}, {1, 3, 3, 2, 0, 0})}, arg_attrs("min", 1)), "i64[2] [0, 1]");
  EXPECT_EQ(run(OpKind::kArgReduce, {f32({2, 2}, {1, 4, 3, 2})}, arg_attrs("max", 0, kInt32)), "i32[2] [1, 0]");
  EXPECT_EQ(run(OpKind::kArgReduce, {f32({4}, {5, kNanF32, 9, kNanF32})}, arg_attrs("max", 0)), "i64[] 1");
  EXPECT_EQ(run(OpKind::kArgReduce, {f32({3}, {kNanF32, -kInfF32, 1})}, arg_attrs("min", 0)), "i64[] 0");
  EXPECT_EQ(run(OpKind::kArgReduce, {i64({2}, {INT64_MAX - 1, INT64_MAX})}, arg_attrs("max", 0)), "i64[] 1");
}

TEST(ScanInfer, NamesEachConstraint) {
  EXPECT_THAT(infer(OpKind::kScan, {"f32[2]"}, scan_attrs("any", 0)), HasSubstr("scan_c1: "));
  EXPECT_THAT(infer(OpKind::kScan, {"f32[2]"}, scan_attrs("sum", 1)), HasSubstr("scan_c2: "));
  EXPECT_THAT(infer(OpKind::kScan, {"bool[2]"}, scan_attrs("sum", 0)), HasSubstr("needs a number type"));
  EXPECT_EQ(infer(OpKind::kScan, {"f32[n,2]"}, scan_attrs("sum", 0)), "f32[n,2]");
}

TEST(ScanMeaning, RunsForwardAndBackWithAndWithoutTheElement) {
  const Array x = f32({4}, {1, 2, 3, 4});
  EXPECT_EQ(run(OpKind::kScan, {x}, scan_attrs("sum", 0)), "f32[4] [1, 3, 6, 10]");
  EXPECT_EQ(run(OpKind::kScan, {x}, scan_attrs("sum", 0, true)), "f32[4] [10, 9, 7, 4]");
  EXPECT_EQ(run(OpKind::kScan, {x}, scan_attrs("sum", 0, false, true)), "f32[4] [0, 1, 3, 6]");
  EXPECT_EQ(run(OpKind::kScan, {x}, scan_attrs("prod", 0, true, true)), "f32[4] [24, 12, 4, 1]");
  EXPECT_EQ(run(OpKind::kScan, {f32({4}, {1, 3, 2, 4})}, scan_attrs("max", 0)), "f32[4] [1, 3, 3, 4]");
  EXPECT_EQ(run(OpKind::kScan, {f32({3}, {4, 5, 1})}, scan_attrs("min", 0, false, true)), "f32[3] [inf, 4, 4]");
  EXPECT_EQ(run(OpKind::kScan, {counting(kInt32, {2, 2, 2})}, scan_attrs("sum", 1)),
            "i32[2,2,2] [[[0, 1], [2, 4]], [[4, 5], [10, 12]]]");
}

}  // namespace
}  // namespace dlc::ir
