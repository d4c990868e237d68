// The softmax family: the numbers of REQUIREMENTS S-30 to S-33, and its edges.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/testing/op_eval.h"

namespace dlc::ir {
namespace {

using test::array;
using test::eval;
using test::same_numbers;
using test::values;
using Numbers = std::vector<double>;
using ::testing::DoubleNear;
using ::testing::Pointwise;

using test::kInf;
using test::kNan;

Numbers row_op(OpKind kind, DType dtype, const Numbers& x) {
  return values(eval(kind, {array(dtype, {static_cast<int64_t>(x.size())}, x)}, {{"axis", int64_t{0}}}));
}
Numbers softmax(const Numbers& x, DType dtype = kFloat64) { return row_op(OpKind::kSoftmax, dtype, x); }
Numbers log_softmax(const Numbers& x, DType dtype = kFloat64) { return row_op(OpKind::kLogSoftmax, dtype, x); }

TEST(SoftmaxReference, S31LectureNumbers) {
  EXPECT_THAT(softmax({5, 2, -1, 3}),
              Pointwise(::testing::DoubleNear(5e-11), Numbers{0.8420335724, 0.0419223830, 0.0020871926, 0.1139568520}));
}

TEST(SoftmaxReference, S32LargeLogitsAreStable) {
  for (const DType dtype : {kFloat32, kFloat64})
    EXPECT_EQ(softmax({1000, 1001, 1002}, dtype), softmax({0, 1, 2}, dtype));
  EXPECT_EQ(log_softmax({-1e6, -1e6 + 1, -1e6 + 2}), log_softmax({0, 1, 2}));
}

// The documented results of rows that have no softmax in the plain sense.
TEST(SoftmaxReference, S32RowsOfInfinities) {
  EXPECT_THAT(softmax({-kInf, -kInf}), same_numbers(Numbers{0, 0}));
  EXPECT_THAT(log_softmax({-kInf, -kInf}), same_numbers(Numbers{-kInf, -kInf}));
  EXPECT_THAT(softmax({-kInf, 3}), same_numbers(Numbers{0, 1}));
  EXPECT_THAT(log_softmax({-kInf, 3}), same_numbers(Numbers{-kInf, 0}));
  EXPECT_THAT(softmax({kInf, 3}), same_numbers(Numbers{kNan, 0}));
  EXPECT_THAT(log_softmax({kInf, 3}), same_numbers(Numbers{kNan, -kInf}));
  EXPECT_THAT(softmax({kNan, 3}), same_numbers(Numbers{kNan, kNan}));
}

TEST(SoftmaxReference, AnyAxisAndEmptyRows) {
  const Array x = array(kFloat64, {2, 3}, {0, 5, 1, 0, 5, 3});
  const Numbers columns = values(eval(OpKind::kSoftmax, {x}, {{"axis", int64_t{0}}}));
  EXPECT_THAT(columns, Pointwise(DoubleNear(1e-9), Numbers{0.5, 0.5, 0.1192029220, 0.5, 0.5, 0.8807970780}));
  const Array empty(kFloat32, {2, 0});
  EXPECT_EQ(eval(OpKind::kSoftmax, {empty}, {{"axis", int64_t{1}}}).num_elements(), 0);
}

TEST(SoftmaxCrossEntropyReference, S33LectureNumbers) {
  const Numbers losses = {0.1719353933, 3.1719353933, 6.1719353933, 2.1719353933};
  for (int64_t label = 0; label < 4; ++label) {
    const Array logits = array(kFloat64, {4}, {5, 2, -1, 3});
    Numbers one_hot(4, 0);
    one_hot[static_cast<size_t>(label)] = 1;
    const double expected = losses[static_cast<size_t>(label)];
    EXPECT_NEAR(eval(OpKind::kSoftmaxCrossEntropy, {logits, array(kFloat64, {4}, one_hot)}).item<double>(), expected,
                5e-11);
    EXPECT_NEAR(eval(OpKind::kSparseSoftmaxCrossEntropy, {logits, Array::scalar<int64_t>(label)}).item<double>(),
                expected, 5e-11);
  }
}

// Labels are weights: they need not sum to 1.
TEST(SoftmaxCrossEntropyReference, LabelsAreWeights) {
  const Array logits = array(kFloat64, {2, 2}, {0, 0, 1, 1}), labels = array(kFloat64, {2, 2}, {2, 1, 0, 0});
  EXPECT_THAT(values(eval(OpKind::kSoftmaxCrossEntropy, {logits, labels})),
              Pointwise(DoubleNear(1e-12), Numbers{3 * std::log(2.0), 0}));
}

TEST(SoftmaxCrossEntropyReference, ExtremeLogitsStayFinite) {
  const Array logits = array(kFloat32, {1, 2}, {-1000, 1000});
  EXPECT_THAT(values(eval(OpKind::kSparseSoftmaxCrossEntropy, {logits, array(kInt32, {1}, {0})})),
              same_numbers(Numbers{2000}));
  EXPECT_THAT(values(eval(OpKind::kSparseSoftmaxCrossEntropy, {logits, array(kInt32, {1}, {1})})),
              same_numbers(Numbers{0}));
}

TEST(SparseSoftmaxCrossEntropyReference, LabelOutsideFaultsAtItsRow) {
  const Array logits(kFloat32, {3, 4});
  for (const double bad : {4.0, -1.0}) {
    const auto result = test::try_eval(OpKind::kSparseSoftmaxCrossEntropy, {logits, array(kInt32, {3}, {0, bad, 3})});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kOutOfRange) << result.error().str();
    EXPECT_THAT(result.error().str(), ::testing::HasSubstr(fmt::format("{}", static_cast<int>(bad))));
  }
}

}  // namespace
}  // namespace dlc::ir
