// reshape, transpose, broadcast, slice, pad, concat, reverse: type rules by constraint, and values.
#include "tests/ir/op_testing.h"

namespace dlc::ir {
namespace {

using ::testing::HasSubstr;

AttrMap slice_attrs(Dims start, Dims limit, Ints strides) {
  return {{"start", std::move(start)}, {"limit", std::move(limit)}, {"strides", std::move(strides)}};
}
AttrMap pad_attrs(Dims low, Dims high, Ints interior) {
  return {{"low", std::move(low)}, {"high", std::move(high)}, {"interior", std::move(interior)}};
}
const Dim kN = Dim::symbol("n"), kM = Dim::symbol("m");

TEST(ReshapeInfer, C1RejectsNegativeSizes) {
  EXPECT_THAT(infer(OpKind::kReshape, {"f32[6]"}, {{"dims", Dims{-2, -3}}}), HasSubstr("reshape_c1: "));
}

TEST(ReshapeInfer, C2NeedsAsManyElements) {
  EXPECT_THAT(infer(OpKind::kReshape, {"f32[6]"}, {{"dims", Dims{2, 4}}}), HasSubstr("reshape_c2: "));
  EXPECT_THAT(infer(OpKind::kReshape, {"f32[n,2]"}, {{"dims", Dims{kN, 3}}}), "f32[n,3] require 2*n == 3*n");
}

TEST(ReshapeInfer, SeesEqualProductsOfSymbols) {
  EXPECT_EQ(infer(OpKind::kReshape, {"f32[n,4,m]"}, {{"dims", Dims{kM * 2, kN * 2}}}), "f32[2*m,2*n]");
  EXPECT_EQ(infer(OpKind::kReshape, {"f32[n]"}, {{"dims", Dims{kM, 2}}}), "f32[m,2] require n == 2*m");
}

TEST(ReshapeMeaning, KeepsRowMajorOrder) {
  EXPECT_EQ(run(OpKind::kReshape, {counting(kInt32, {2, 3})}, {{"dims", Dims{3, 2}}}),
            "i32[3,2] [[0, 1], [2, 3], [4, 5]]");
  EXPECT_EQ(run(OpKind::kReshape, {f32({1, 1}, {7})}, {{"dims", Dims{}}}), "f32[] 7");
}

TEST(TransposeInfer, C1NeedsAPermutation) {
  for (const Ints& p : {Ints{0}, Ints{0, 0}, Ints{0, 2}, Ints{-1, 0}, Ints{0, 1, 2}})
    EXPECT_THAT(infer(OpKind::kTranspose, {"f32[2,3]"}, {{"permutation", p}}), HasSubstr("transpose_c1: "));
  EXPECT_EQ(infer(OpKind::kTranspose, {"f32[n,3,4]"}, {{"permutation", Ints{2, 0, 1}}}), "f32[4,n,3]");
}

TEST(TransposeMeaning, MovesAxes) {
  EXPECT_EQ(run(OpKind::kTranspose, {counting(kFloat32, {2, 3})}, {{"permutation", Ints{1, 0}}}),
            "f32[3,2] [[0, 3], [1, 4], [2, 5]]");
  const auto y = try_run(OpKind::kTranspose, {counting(kUInt8, {2, 3, 4})}, {{"permutation", Ints{2, 0, 1}}});
  EXPECT_EQ(y->at(0).at<uint8_t>({3, 1, 2}), 1 * 12 + 2 * 4 + 3);
}

TEST(BroadcastInfer, NamesEachConstraint) {
  const auto rule = [](const char* x, Dims dims, Ints axes) {
    return infer(OpKind::kBroadcast, {x}, {{"dims", std::move(dims)}, {"axes", std::move(axes)}});
  };
  EXPECT_THAT(rule("f32[1]", {-1}, {0}), HasSubstr("broadcast_c1: "));
  EXPECT_THAT(rule("f32[3]", {3, 3}, {0, 1}), HasSubstr("broadcast_c2: "));
  EXPECT_THAT(rule("f32[3]", {2, 3}, {2}), HasSubstr("broadcast_c3: "));
  EXPECT_THAT(rule("f32[2,3]", {3, 2}, {1, 0}), HasSubstr("broadcast_c3: "));
  EXPECT_THAT(rule("f32[3]", {2, 4}, {1}), HasSubstr("broadcast_c4: "));
  EXPECT_EQ(rule("f32[3]", {kN, 3}, {1}), "f32[n,3]");
  EXPECT_EQ(rule("f32[1,3]", {5, 3}, {0, 1}), "f32[5,3]");
  // A symbol does not stretch, it has to be equal.
  EXPECT_EQ(rule("f32[n]", {4}, {0}), "f32[4] require n == 4");
}

TEST(BroadcastMeaning, RepeatsElements) {
  EXPECT_EQ(run(OpKind::kBroadcast, {f32({2}, {1, 2})}, {{"dims", Dims{2, 3}}, {"axes", Ints{0}}}),
            "f32[2,3] [[1, 1, 1], [2, 2, 2]]");
  EXPECT_EQ(run(OpKind::kBroadcast, {f32({1, 2}, {1, 2})}, {{"dims", Dims{2, 2}}, {"axes", Ints{0, 1}}}),
            "f32[2,2] [[1, 2], [1, 2]]");
  EXPECT_EQ(run(OpKind::kBroadcast, {f32({}, {5})}, {{"dims", Dims{0}}, {"axes", Ints{}}}), "f32[0] []");
}

TEST(SliceInfer, NamesEachConstraint) {
  const auto rule = [](const char* x, Dims start, Dims limit, Ints strides) {
    return infer(OpKind::kSlice, {x}, slice_attrs(std::move(start), std::move(limit), std::move(strides)));
  };
  EXPECT_THAT(rule("f32[4]", {0, 0}, {4}, {1}), HasSubstr("slice_c1: "));
  EXPECT_THAT(rule("f32[4]", {0}, {4}, {0}), HasSubstr("slice_c2: "));
  EXPECT_THAT(rule("f32[4]", {-1}, {4}, {1}), HasSubstr("slice_c3: "));
  EXPECT_THAT(rule("f32[4]", {3}, {2}, {1}), HasSubstr("slice_c3: "));
  EXPECT_THAT(rule("f32[4]", {0}, {5}, {1}), HasSubstr("slice_c3: "));
  EXPECT_EQ(rule("f32[5]", {1}, {5}, {3}), "f32[2]");
  EXPECT_EQ(rule("f32[5]", {5}, {5}, {3}), "f32[0]");
}

TEST(SliceInfer, ProvesBoundsOfSymbolsOrRequiresThem) {
  const auto rule = [](Dims start, Dims limit, Ints strides) {
    return infer(OpKind::kSlice, {"f32[n]"}, slice_attrs(std::move(start), std::move(limit), std::move(strides)));
  };
  EXPECT_EQ(rule({0}, {kN}, {2}), "f32[floordiv(n+1,2)]");
  EXPECT_EQ(rule({0}, {Dim::min(8, kN)}, {1}), "f32[min(8,n)]");
  EXPECT_EQ(rule({Dim::floor_div(kN, 2)}, {kN}, {1}), "f32[n-floordiv(n,2)]");
  EXPECT_EQ(rule({0}, {8}, {1}), "f32[8] require max(8,n) == n");
  EXPECT_THAT(rule({0}, {kN + 1}, {1}), HasSubstr("slice_c3: "));
}

TEST(SliceMeaning, TakesEveryStrideThElement) {
  EXPECT_EQ(run(OpKind::kSlice, {counting(kFloat64, {3, 5})}, slice_attrs({1, 0}, {3, 5}, {1, 2})),
            "f64[2,3] [[5, 7, 9], [10, 12, 14]]");
  EXPECT_EQ(run(OpKind::kSlice, {counting(kInt32, {4})}, slice_attrs({4}, {4}, {1})), "i32[0] []");
}

TEST(PadInfer, NamesEachConstraint) {
  const auto rule = [](const char* x, const char* value, Dims low, Dims high, Ints interior) {
    return infer(OpKind::kPad, {x, value}, pad_attrs(std::move(low), std::move(high), std::move(interior)));
  };
  EXPECT_THAT(rule("f32[2]", "f64[]", {0}, {0}, {0}), HasSubstr("pad_c1: "));
  EXPECT_THAT(rule("f32[2]", "f32[1]", {0}, {0}, {0}), HasSubstr("pad_c2: "));
  EXPECT_THAT(rule("f32[2]", "f32[]", {0}, {0, 1}, {0}), HasSubstr("pad_c3: "));
  EXPECT_THAT(rule("f32[2]", "f32[]", {0}, {0}, {-1}), HasSubstr("pad_c4: "));
  EXPECT_THAT(rule("f32[2]", "f32[]", {-2}, {-1}, {0}), HasSubstr("pad_c5: "));
  EXPECT_EQ(rule("f32[2]", "f32[]", {1}, {2}, {3}), "f32[8]");
  EXPECT_EQ(rule("f32[n]", "f32[]", {1}, {-1}, {0}), "f32[n]");
  EXPECT_EQ(rule("f32[n]", "f32[]", {0}, {0}, {1}), "f32[n+max(0,n-1)]");
}

TEST(PadMeaning, BordersGapsAndCrops) {
  const Array x = f32({3}, {1, 2, 3}), zero = f32({}, {0});
  EXPECT_EQ(run(OpKind::kPad, {x, zero}, pad_attrs({1}, {2}, {1})), "f32[8] [0, 1, 0, 2, 0, 3, 0, 0]");
  EXPECT_EQ(run(OpKind::kPad, {x, zero}, pad_attrs({-1}, {1}, {0})), "f32[3] [2, 3, 0]");
  // Cropping may start in a gap and end before the last element.
  EXPECT_EQ(run(OpKind::kPad, {x, zero}, pad_attrs({-1}, {-1}, {1})), "f32[3] [0, 2, 0]");
  EXPECT_EQ(run(OpKind::kPad, {x, zero}, pad_attrs({-7}, {7}, {1})), "f32[5] [0, 0, 0, 0, 0]");
  EXPECT_EQ(run(OpKind::kPad, {f32({0}, {}), f32({}, {4})}, pad_attrs({1}, {1}, {3})), "f32[2] [4, 4]");
  EXPECT_EQ(run(OpKind::kPad, {counting(kInt32, {2, 2}), i32({}, {9})}, pad_attrs({0, 1}, {1, -1}, {0, 0})),
            "i32[3,2] [[9, 0], [9, 2], [9, 9]]");
}

TEST(ConcatInfer, NamesEachConstraint) {
  const auto rule = [](std::vector<std::string> xs, int64_t axis) {
    return infer(OpKind::kConcat, xs, {{"axis", axis}});
  };
  EXPECT_THAT(rule({}, 0), HasSubstr("concat_c1: "));
  EXPECT_THAT(rule({"f32[2]"}, 1), HasSubstr("concat_c2: "));
  EXPECT_THAT(rule({"f32[]"}, 0), HasSubstr("concat_c2: "));
  EXPECT_THAT(rule({"f32[2]", "f64[2]"}, 0), HasSubstr("concat_c3: "));
  EXPECT_THAT(rule({"f32[2,3]", "f32[2,4]"}, 0), HasSubstr("concat_c4: "));
  EXPECT_THAT(rule({"f32[2]", "f32[2,4]"}, 0), HasSubstr("concat_c4: "));
  EXPECT_EQ(rule({"f32[n,3]", "f32[4,3]", "f32[n,3]"}, 0), "f32[2*n+4,3]");
  EXPECT_EQ(rule({"f32[1,n]", "f32[1,7]"}, 0), "f32[2,7] require n == 7");
}

TEST(ConcatMeaning, PutsOneBehindTheOther) {
  EXPECT_EQ(
      run(OpKind::kConcat, {f32({2, 1}, {1, 2}), f32({2, 0}, {}), f32({2, 2}, {3, 4, 5, 6})}, {{"axis", int64_t{1}}}),
      "f32[2,3] [[1, 3, 4], [2, 5, 6]]");
}

TEST(ReverseOp, TurnsAxesRound) {
  EXPECT_THAT(infer(OpKind::kReverse, {"f32[2,3]"}, {{"axes", Ints{2}}}), HasSubstr("reverse_c1: "));
  EXPECT_THAT(infer(OpKind::kReverse, {"f32[2,3]"}, {{"axes", Ints{1, 0}}}), HasSubstr("reverse_c1: "));
  const Array x = counting(kInt64, {2, 3});
  EXPECT_EQ(run(OpKind::kReverse, {x}, {{"axes", Ints{1}}}), "i64[2,3] [[2, 1, 0], [5, 4, 3]]");
  EXPECT_EQ(run(OpKind::kReverse, {x}, {{"axes", Ints{0, 1}}}), "i64[2,3] [[5, 4, 3], [2, 1, 0]]");
  EXPECT_EQ(run(OpKind::kReverse, {Array(kFloat32, {0, 3})}, {{"axes", Ints{0}}}), "f32[0,3] []");
}

}  // namespace
}  // namespace dlc::ir
