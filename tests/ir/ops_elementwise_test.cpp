// Reference meanings of the element-wise ops against values computed by hand (transcendental ones
// by a 50-digit calculator, rounded to f64).
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

using test::kInf;
using test::kNan;
constexpr double kMin32 = -2147483648.0, kMax32 = 2147483647.0;

struct Row {
  std::string op;
  DType dtype;
  std::vector<Numbers> operands;
  Numbers expected;
  AttrMap attrs = {};
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.op << " " << to_string(row.dtype); }

Numbers run(const Row& row, DType dtype) {
  std::vector<Array> operands;
  for (const Numbers& n : row.operands) operands.push_back(array(dtype, {static_cast<int64_t>(n.size())}, n));
  return values(eval(*find_op(row.op), operands, row.attrs));
}

class ElementwiseReference : public ::testing::TestWithParam<Row> {};

TEST_P(ElementwiseReference, MatchesHandComputedValues) {
  EXPECT_THAT(run(GetParam(), GetParam().dtype), same_numbers(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Exact, ElementwiseReference,
    ::testing::Values(
        Row{"neg", kFloat32, {{1, -2, 0, kInf, kNan}}, {-1, 2, -0.0, -kInf, kNan}},
        Row{"neg", kInt32, {{5, kMin32}}, {-5, kMin32}}, Row{"neg", kUInt8, {{1, 0}}, {255, 0}},
        Row{"abs", kFloat64, {{-1.5, -0.0, -kInf, kNan}}, {1.5, 0, kInf, kNan}},
        Row{"abs", kInt32, {{-7, kMin32}}, {7, kMin32}}, Row{"abs", kUInt32, {{7}}, {7}},
        Row{"sign", kFloat32, {{-3, 0, -0.0, 9, kNan, -kInf}}, {-1, 0, -0.0, 1, kNan, -1}},
        Row{"sign", kInt64, {{-3, 0, 9}}, {-1, 0, 1}}, Row{"sign", kUInt8, {{0, 200}}, {0, 1}},
        Row{"floor", kFloat32, {{1.5, -1.5, 2, -0.5}}, {1, -2, 2, -1}},
        Row{"ceil", kFloat32, {{1.5, -1.5, 2, -0.5}}, {2, -1, 2, -0.0}},
        Row{"round_even", kFloat64, {{0.5, 1.5, 2.5, -2.5, 2.4, 2.6}}, {0, 2, 2, -2, 2, 3}},
        Row{"trunc", kFloat32, {{1.7, -1.7, -0.2, kInf}}, {1, -1, -0.0, kInf}},
        Row{"is_finite", kFloat32, {{1, kInf, -kInf, kNan}}, {1, 0, 0, 0}},
        Row{"is_nan", kFloat64, {{1, kInf, kNan}}, {0, 0, 1}}, Row{"not", kBool, {{0, 1}}, {1, 0}},
        Row{"not", kUInt8, {{0, 1, 170}}, {255, 254, 85}}, Row{"not", kInt32, {{0, 5}}, {-1, -6}},
        // f32 arithmetic rounds to f32: 2^24 + 1 is not a float.
        Row{"add", kFloat32, {{16777216, 0.5}, {1, 0.25}}, {16777216, 0.75}},
        Row{"add", kFloat64, {{16777216, kInf}, {1, -kInf}}, {16777217, kNan}},
        Row{"add", kInt32, {{kMax32, 2}, {1, 3}}, {kMin32, 5}}, Row{"add", kUInt8, {{250}, {10}}, {4}},
        Row{"sub", kFloat32, {{1, 2}, {3, 2}}, {-2, 0}}, Row{"sub", kUInt32, {{0}, {1}}, {4294967295.0}},
        Row{"sub", kInt32, {{kMin32}, {1}}, {kMax32}}, Row{"mul", kFloat32, {{3, 0}, {-2, kInf}}, {-6, kNan}},
        Row{"mul", kInt32, {{65536, kMin32, -3}, {65536, -1, 7}}, {0, kMin32, -21}},
        Row{"mul", kUInt8, {{16, 20}, {16, 13}}, {0, 4}},
        Row{"div", kFloat32, {{1, 1, -1, 0}, {4, 0, 0, 0}}, {0.25, kInf, -kInf, kNan}},
        Row{"div", kInt32, {{7, -7, 7, kMin32}, {2, 2, -2, -1}}, {3, -3, -3, kMin32}},
        Row{"div", kUInt8, {{200}, {7}}, {28}},
        Row{"rem", kFloat64, {{5.5, -5.5, 5.5, 1, kInf}, {2, 2, -2, kInf, 1}}, {1.5, -1.5, 1.5, 1, kNan}},
        Row{"rem", kInt32, {{7, -7, 7, kMin32}, {3, 3, -3, -1}}, {1, -1, 1, 0}},
        Row{"pow",
            kFloat64,
            {{2, -2, -2, 0, 0, 0, kNan, 4}, {10, 3, 0.5, 0, 2, -1, 0, 0.5}},
            {1024, -8, kNan, 1, 0, kInf, 1, 2}},
        Row{"max",
            kFloat32,
            {{1, kNan, 1, -kInf, 0.0, -0.0}, {2, 1, kNan, 3, -0.0, 0.0}},
            {2, kNan, kNan, 3, -0.0, 0.0}},
        Row{"max", kUInt32, {{4294967295.0}, {1}}, {4294967295.0}},
        Row{"min", kFloat32, {{1, kNan, 1, -kInf}, {2, 1, kNan, 3}}, {1, kNan, kNan, -kInf}},
        Row{"min", kInt64, {{-5}, {4}}, {-5}}, Row{"and", kBool, {{0, 0, 1, 1}, {0, 1, 0, 1}}, {0, 0, 0, 1}},
        Row{"and", kInt32, {{12, -1}, {10, 7}}, {8, 7}}, Row{"or", kBool, {{0, 0, 1, 1}, {0, 1, 0, 1}}, {0, 1, 1, 1}},
        Row{"or", kUInt8, {{12}, {3}}, {15}}, Row{"xor", kBool, {{0, 0, 1, 1}, {0, 1, 0, 1}}, {0, 1, 1, 0}},
        Row{"xor", kInt64, {{12, -1}, {10, 1}}, {6, -2}},
        Row{"shift_left", kInt32, {{1, 1, 1, 3, -1}, {31, 32, -1, 2, 4}}, {kMin32, 0, 0, 12, -16}},
        Row{"shift_left", kUInt8, {{129, 1}, {1, 8}}, {2, 0}},
        Row{"shift_right", kInt32, {{-8, -8, 8, 8}, {1, 32, 2, -1}}, {-4, 0, 2, 0}},
        Row{"shift_right", kUInt32, {{4294967295.0}, {28}}, {15}},
        Row{"shift_right", kUInt64, {{18446744073709549568.0}, {64}}, {0}},
        Row{"compare", kFloat32, {{1, 2, kNan}, {1, 1, kNan}}, {1, 0, 0}, {{"direction", "eq"}}},
        Row{"compare", kFloat32, {{1, 2, kNan}, {1, 1, kNan}}, {0, 1, 1}, {{"direction", "ne"}}},
        Row{"compare", kInt32, {{1, 2, -3}, {2, 2, -4}}, {1, 0, 0}, {{"direction", "lt"}}},
        Row{"compare", kInt32, {{1, 2, -3}, {2, 2, -4}}, {1, 1, 0}, {{"direction", "le"}}},
        Row{"compare", kUInt8, {{200, 2}, {100, 2}}, {1, 0}, {{"direction", "gt"}}},
        Row{"compare", kBool, {{0, 1, 1}, {1, 0, 1}}, {0, 1, 1}, {{"direction", "ge"}}},
        Row{"clamp",
            kFloat32,
            {{0, 0, 0, 0, kNan, 0}, {-1, 0.5, 2, kNan, 1, 3}, {1, 1, 1, 1, 2, kNan}},
            {0, 0.5, 1, kNan, kNan, kNan}},
        Row{"clamp", kInt32, {{-1, -1}, {-5, 5}, {3, 3}}, {-1, 3}},
        // (1 + e)(1 - e) - 1 = -e^2 is lost by two roundings and kept by one.
        Row{"fma", kFloat64, {{1 + 0x1p-30}, {1 - 0x1p-30}, {-1}}, {-0x1p-60}},
        Row{"fma", kFloat32, {{1 + 0x1p-13}, {1 - 0x1p-13}, {-1}}, {-0x1p-26}},
        Row{"convert",
            kFloat32,
            {{1.9, -1.9, 3e9, -3e9, kNan, kInf}},
            {1, -1, kMax32, kMin32, 0, kMax32},
            {{"dtype", kInt32}}},
        Row{"convert", kFloat64, {{1 + 0x1p-24, 1 + 3 * 0x1p-24}}, {1, 1 + 0x1p-22}, {{"dtype", kFloat32}}},
        Row{"convert", kFloat32, {{0.5, 0, -0.0, kNan}}, {1, 0, 0, 1}, {{"dtype", kBool}}},
        Row{"convert", kInt32, {{-1, 257}}, {255, 1}, {{"dtype", kUInt8}}},
        Row{"convert", kBool, {{0, 1}}, {0, 1}, {{"dtype", kFloat32}}},
        Row{"bitcast", kFloat32, {{1, -0.0}}, {1065353216, 2147483648.0}, {{"dtype", kUInt32}}},
        Row{"bitcast", kInt32, {{1065353216}}, {1}, {{"dtype", kFloat32}}}, Row{"pin", kInt32, {{3, 4}}, {3, 4}},
        Row{"check_numerics", kFloat32, {{3, -4}}, {3, -4}}, Row{"override", kFloat32, {{3, 4}, {5, 6}}, {5, 6}},
        Row{"stop_gradient", kFloat64, {{3, 4}}, {3, 4}}));

// The f64 reference is right to the last bit; so is the f32 one where the inputs are floats.
class ElementwiseMathematics : public ::testing::TestWithParam<Row> {};

TEST_P(ElementwiseMathematics, F64IsCorrectlyRounded) {
  EXPECT_THAT(run(GetParam(), kFloat64), same_numbers(GetParam().expected));
}

TEST_P(ElementwiseMathematics, F32IsCorrectlyRounded) {
  const Numbers actual = run(GetParam(), kFloat32);
  for (size_t i = 0; i < actual.size(); ++i) {
    bool exact = true;
    for (const Numbers& operand : GetParam().operands)
      exact = exact && (std::isnan(operand[i]) || static_cast<double>(static_cast<float>(operand[i])) == operand[i]);
    if (exact) {
      EXPECT_TRUE(test::same_number(actual[i], static_cast<float>(GetParam().expected[i]))) << i << ": " << actual[i];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ElementwiseMathematics,
    ::testing::Values(
        Row{"exp",
            kFloat64,
            {{1, -1.5, 0.125, kInf, -kInf, kNan, 0}},
            {2.718281828459045, 0.22313016014842982, 1.1331484530668263, kInf, 0, kNan, 1}},
        Row{"expm1",
            kFloat64,
            {{1e-10, 1, -2, -kInf, -0.0}},
            {1.00000000005e-10, 1.7182818284590453, -0.8646647167633873, -1, -0.0}},
        Row{"log", kFloat64, {{2, 0.1, 0, -1, kInf}}, {0.6931471805599453, -2.3025850929940455, -kInf, kNan, kInf}},
        Row{"log1p", kFloat64, {{1e-10, 1.5, -1, -2}}, {9.999999999500001e-11, 0.9162907318741551, -kInf, kNan}},
        Row{"sqrt", kFloat64, {{2, 0, -0.0, -1, kInf}}, {1.4142135623730951, 0, -0.0, kNan, kInf}},
        Row{"rsqrt", kFloat64, {{2, 0.3, 0, -1, kInf}}, {0.7071067811865476, 1.8257418583505538, kInf, kNan, 0}},
        Row{"cbrt", kFloat64, {{2, -27, 0.3, 0}}, {1.2599210498948732, -3.0, 0.6694329500821695, 0}},
        Row{"sin",
            kFloat64,
            {{1, -2.5, 100, kInf, 0}},
            {0.8414709848078965, -0.5984721441039565, -0.5063656411097588, kNan, 0}},
        Row{"cos",
            kFloat64,
            {{1, -2.5, 100, kInf, 0}},
            {0.5403023058681398, -0.8011436155469337, 0.8623188722876839, kNan, 1}},
        Row{"tan", kFloat64, {{1, -2.5, -kInf}}, {1.5574077246549023, 0.7470222972386603, kNan}},
        Row{"asin", kFloat64, {{0.5, -0.9, 2}}, {0.5235987755982989, -1.1197695149986342, kNan}},
        Row{"acos", kFloat64, {{0.5, -0.9, 1, 2}}, {1.0471975511965979, 2.6905658417935308, 0, kNan}},
        Row{"atan", kFloat64, {{0.5, -3, kInf}}, {0.4636476090008061, -1.2490457723982544, 1.5707963267948966}},
        Row{"atan2",
            kFloat64,
            {{1, -1, 0, 0.0}, {2, -2, -1, 1}},
            {0.4636476090008061, -2.677945044588987, 3.141592653589793, 0}},
        Row{"sinh", kFloat64, {{1, -2.5, -kInf}}, {1.1752011936438014, -6.0502044810397875, -kInf}},
        Row{"cosh", kFloat64, {{1, -2.5, -kInf}}, {1.5430806348152437, 6.132289479663686, kInf}},
        Row{"tanh", kFloat64, {{0.5, -2, kInf, -kInf}}, {0.46211715726000974, -0.9640275800758169, 1, -1}},
        Row{"asinh", kFloat64, {{0.5, -3, kInf}}, {0.48121182505960347, -1.8184464592320668, kInf}},
        Row{"acosh", kFloat64, {{1.5, 10, 1, 0.5}}, {0.9624236501192069, 2.993222846126381, 0, kNan}},
        Row{"atanh", kFloat64, {{0.5, -0.9, 1, 2}}, {0.5493061443340549, -1.4722194895832204, kInf, kNan}},
        Row{"erf",
            kFloat64,
            {{0.5, -1.5, 1e-10, kInf}},
            {0.5204998778130465, -0.9661051464753108, 1.1283791670955126e-10, 1}},
        Row{"erfc",
            kFloat64,
            {{0.5, -1.5, 5, kInf}},
            {0.4795001221869535, 1.9661051464753108, 1.537459794428035e-12, 0}},
        Row{"erfinv",
            kFloat64,
            {{0.5, -0.9, 0.25, -0.984375, 0.9999999999990905, 0, 1, -1, 1.5}},
            {0.4769362762044699, -1.1630871536766743, 0.2253120550121781, -1.7094723742995115, 5.05125408524939, 0,
             kInf, -kInf, kNan}},
        Row{"pow", kFloat64, {{2, 0.3}, {0.5, -1.7}}, {1.4142135623730951, 7.742725577066099}}));

TEST(ElementwiseReference64, IntegersBeyondDoublesAreExact) {
  const auto i64 = [](int64_t v) { return Array::scalar<int64_t>(v); };
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max(), kMin = std::numeric_limits<int64_t>::min();
  const auto of = [&](OpKind kind, int64_t a, int64_t b) { return eval(kind, {i64(a), i64(b)}).item<int64_t>(); };
  EXPECT_EQ(of(OpKind::kAdd, kMax, 1), kMin);
  EXPECT_EQ(of(OpKind::kSub, kMin, 1), kMax);
  EXPECT_EQ(of(OpKind::kMul, kMax, 2), -2);
  EXPECT_EQ(of(OpKind::kDiv, kMin, -1), kMin);
  EXPECT_EQ(of(OpKind::kRem, kMin, -1), 0);
  EXPECT_EQ(of(OpKind::kMax, kMax - 1, kMax), kMax);
  EXPECT_EQ(of(OpKind::kShiftRight, kMin, 63), -1);
  EXPECT_EQ(of(OpKind::kShiftRight, kMin, 64), 0);
}

TEST(SelectReference, TheOtherBranchNeverShows) {
  const Array c = array(kBool, {3}, {1, 0, 1});
  EXPECT_THAT(
      values(eval(OpKind::kSelect, {c, array(kFloat32, {3}, {1, kNan, 3}), array(kFloat32, {3}, {kNan, 5, 6})})),
      same_numbers(Numbers{1, 5, 3}));
}

TEST(DivReference, IntegerDivisionByZeroFaultsAtItsLowestElement) {
  const Array a = array(kInt32, {4}, {1, 2, 3, 4}), b = array(kInt32, {4}, {1, 0, 2, 0});
  for (const OpKind kind : {OpKind::kDiv, OpKind::kRem}) {
    const auto result = test::try_eval(kind, {a, b});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kArithmetic);
    EXPECT_THAT(result.error().str(), ::testing::HasSubstr("1"));
  }
  EXPECT_TRUE(test::try_eval(OpKind::kDiv, {a.cast(kFloat32), b.cast(kFloat32)}));
}

TEST(CheckNumericsReference, FailsAtTheFirstElementThatIsNotFinite) {
  for (const DType dtype : {kFloat32, kFloat64}) {
    const auto result = test::try_eval(OpKind::kCheckNumerics, {array(dtype, {4}, {1, -kInf, kNan, 2})});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kArithmetic);
    EXPECT_THAT(result.error().str(), ::testing::HasSubstr("element 1 is -inf"));
  }
}

TEST(DivReference, OnlyIntegerDivisionCanFail) {
  for (const DType dtype : {kFloat32, kFloat64, kInt32, kUInt8}) {
    const TensorType t = TensorType::scalar(dtype);
    const std::vector<TensorType> types = {t, t};
    const auto f = test::function_of(OpKind::kDiv, types);
    EXPECT_EQ(can_fail(*f->ops().front()), is_int(dtype)) << to_string(dtype);
  }
}

}  // namespace
}  // namespace dlc::ir
