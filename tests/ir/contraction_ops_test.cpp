// dot_general, gather, scatter: type rules by constraint, values, faults.
#include "tests/ir/op_testing.h"

namespace dlc::ir {
namespace {

using ::testing::HasSubstr;

AttrMap dot_attrs(Ints lhs_batch, Ints rhs_batch, Ints lhs_contract, Ints rhs_contract) {
  return {{"lhs_batch", std::move(lhs_batch)},
          {"rhs_batch", std::move(rhs_batch)},
          {"lhs_contract", std::move(lhs_contract)},
          {"rhs_contract", std::move(rhs_contract)}};
}
AttrMap scatter_attrs(int64_t axis, const char* kind) { return {{"axis", axis}, {"kind", std::string(kind)}}; }

TEST(DotGeneralInfer, NamesEachConstraint) {
  const auto rule = [](const char* lhs, const char* rhs, AttrMap attrs) {
    return infer(OpKind::kDotGeneral, {lhs, rhs}, std::move(attrs));
  };
  EXPECT_THAT(rule("f32[2]", "f64[2]", dot_attrs({}, {}, {0}, {0})), HasSubstr("dot_general_c1: "));
  EXPECT_THAT(rule("f32[2]", "f32[2]", dot_attrs({}, {}, {1}, {0})), HasSubstr("dot_general_c2: "));
  EXPECT_THAT(rule("f32[2,3]", "f32[2]", dot_attrs({0}, {}, {0}, {0})), HasSubstr("dot_general_c2: "));
  EXPECT_THAT(rule("f32[2]", "f32[3]", dot_attrs({0}, {0}, {}, {})), HasSubstr("dot_general_c3: "));
  EXPECT_THAT(rule("f32[2,3]", "f32[2]", dot_attrs({0}, {}, {}, {})), HasSubstr("dot_general_c3: "));
  EXPECT_THAT(rule("f32[2,3]", "f32[4,5]", dot_attrs({}, {}, {1}, {0})), HasSubstr("dot_general_c4: "));
  EXPECT_EQ(rule("f32[n,784]", "f32[784,10]", dot_attrs({}, {}, {1}, {0})), "f32[n,10]");
  EXPECT_EQ(rule("f32[n,k]", "f32[784,10]", dot_attrs({}, {}, {1}, {0})), "f32[n,10] require k == 784");
  EXPECT_EQ(rule("f32[2,b,3,4]", "f32[3,5,b]", dot_attrs({1}, {2}, {2}, {0})), "f32[b,2,4,5]");
}

TEST(DotGeneralMeaning, IsTheMatrixProduct) {
  const Array a = counting(kFloat32, {2, 3}), b = counting(kFloat32, {3, 2});
  EXPECT_EQ(run(OpKind::kDotGeneral, {a, b}, dot_attrs({}, {}, {1}, {0})), "f32[2,2] [[10, 13], [28, 40]]");
  EXPECT_EQ(run(OpKind::kDotGeneral, {a, b}, dot_attrs({}, {}, {0}, {1})),
            "f32[3,3] [[3, 9, 15], [4, 14, 24], [5, 19, 33]]");
  EXPECT_EQ(run(OpKind::kDotGeneral, {a, b}, dot_attrs({}, {}, {0, 1}, {1, 0})), "f32[] 50");
  EXPECT_EQ(run(OpKind::kDotGeneral, {i32({2}, {1, 2}), i32({2}, {3, 4})}, dot_attrs({}, {}, {}, {})),
            "i32[2,2] [[3, 4], [6, 8]]");
  EXPECT_EQ(run(OpKind::kDotGeneral, {Array(kFloat64, {2, 0}), Array(kFloat64, {0, 1})}, dot_attrs({}, {}, {1}, {0})),
            "f64[2,1] [[0], [0]]");
  // Batch: one product for each of the two pairs.
  EXPECT_EQ(
      run(OpKind::kDotGeneral, {counting(kFloat32, {2, 2}), counting(kFloat32, {2, 2})}, dot_attrs({0}, {0}, {1}, {1})),
      "f32[2] [1, 13]");
}

TEST(GatherOp, TakesSlicesByIndex) {
  EXPECT_THAT(infer(OpKind::kGather, {"f32[3]", "i32[2]"}, {{"axis", int64_t{1}}}), HasSubstr("gather_c1: "));
  EXPECT_THAT(infer(OpKind::kGather, {"f32[3]", "f32[2]"}), HasSubstr("needs i32 or i64"));
  EXPECT_EQ(infer(OpKind::kGather, {"f32[v,4]", "i64[n,7]"}), "f32[n,7,4]");
  const Array x = counting(kFloat32, {3, 2});
  EXPECT_EQ(run(OpKind::kGather, {x, i32({3}, {2, 0, 2})}), "f32[3,2] [[4, 5], [0, 1], [4, 5]]");
  EXPECT_EQ(run(OpKind::kGather, {x, i64({2, 1}, {1, 0})}, {{"axis", int64_t{1}}}),
            "f32[3,2,1] [[[1], [0]], [[3], [2]], [[5], [4]]]");
  EXPECT_EQ(run(OpKind::kGather, {x, i32({}, {1})}), "f32[2] [2, 3]");
}

TEST(GatherOp, ReportsTheFirstIndexOutOfRange) {
  const auto result = try_run(OpKind::kGather, {counting(kFloat32, {3}), i32({4}, {2, 3, -1, 0})});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(result.error().str(),
            "node 'node' (gather): index 3 (element 1 of the indices) is out of range (test.dlc:7)");
  EXPECT_THAT(run(OpKind::kGather, {Array(kFloat32, {0}), i64({1}, {0})}), HasSubstr("out of range"));
  EXPECT_EQ(run(OpKind::kGather, {Array(kFloat32, {0}), i64({0}, {})}), "f32[0] []");
}

TEST(ScatterInfer, NamesEachConstraint) {
  const auto rule = [](const char* base, const char* indices, const char* updates, AttrMap attrs) {
    return infer(OpKind::kScatter, {base, indices, updates}, std::move(attrs));
  };
  EXPECT_THAT(rule("f32[3]", "i32[2]", "f64[2]", scatter_attrs(0, "add")), HasSubstr("scatter_c1: "));
  EXPECT_THAT(rule("f32[3]", "i32[2]", "f32[2]", scatter_attrs(1, "add")), HasSubstr("scatter_c2: "));
  EXPECT_THAT(rule("f32[3]", "i32[2]", "f32[2]", scatter_attrs(0, "max")), HasSubstr("scatter_c3: "));
  EXPECT_THAT(rule("bool[3]", "i32[2]", "bool[2]", scatter_attrs(0, "add")), HasSubstr("scatter_c4: "));
  EXPECT_THAT(rule("f32[3]", "i32[2]", "f32[3]", scatter_attrs(0, "add")), HasSubstr("scatter_c5: "));
  EXPECT_THAT(rule("f32[3]", "i32[2]", "f32[2,1]", scatter_attrs(0, "add")), HasSubstr("scatter_c5: "));
  EXPECT_EQ(rule("f32[v,4]", "i32[n]", "f32[n,4]", scatter_attrs(0, "add")), "f32[v,4]");
}

TEST(ScatterMeaning, AddsOrSetsInOrder) {
  const Array base = f32({3}, {10, 20, 30}), indices = i64({3}, {2, 0, 2}), updates = f32({3}, {1, 2, 3});
  EXPECT_EQ(run(OpKind::kScatter, {base, indices, updates}, scatter_attrs(0, "add")), "f32[3] [12, 20, 34]");
  EXPECT_EQ(run(OpKind::kScatter, {base, indices, updates}, scatter_attrs(0, "set")), "f32[3] [2, 20, 3]");
  EXPECT_EQ(run(OpKind::kScatter, {Array(kInt32, {2, 3}), i32({2}, {0, 2}), counting(kInt32, {2, 2})},
                scatter_attrs(1, "add")),
            "i32[2,3] [[0, 0, 1], [2, 0, 3]]");
  EXPECT_EQ(
      run(OpKind::kScatter, {Array(kBool, {2}), i32({1}, {1}), Array::of<bool>({1}, {true})}, scatter_attrs(0, "set")),
      "bool[2] [false, true]");
  EXPECT_THAT(run(OpKind::kScatter, {base, i64({3}, {0, 1, 3}), updates}, scatter_attrs(0, "add")),
              HasSubstr("index 3 (element 2 of the indices) is out of range"));
}

/// As in compiled code, which visits elements.
TEST(GatherAndScatter, IndicesOfEmptySlicesAreNotLookedAt) {
  EXPECT_EQ(run(OpKind::kGather, {Array(kFloat32, {3, 0}), i32({1}, {9})}, {{"axis", int64_t{0}}}), "f32[1,0] [[]]");
  EXPECT_EQ(
      run(OpKind::kScatter, {Array(kFloat32, {3, 0}), i32({1}, {9}), Array(kFloat32, {1, 0})}, scatter_attrs(0, "set")),
      "f32[3,0] [[], [], []]");
  EXPECT_THAT(run(OpKind::kGather, {Array(kFloat32, {0, 3}), i32({1}, {0})}, {{"axis", int64_t{0}}}),
              HasSubstr("index 0 (element 0 of the indices) is out of range"));
}

}  // namespace
}  // namespace dlc::ir
