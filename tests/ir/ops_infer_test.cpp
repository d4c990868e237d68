// Type rules of the element-wise ops, the softmax family and the ops of differentiation: what they
// give, and each numbered constraint.
#include <gtest/gtest.h>

#include "tests/testing/op_eval.h"

namespace dlc::ir {
namespace {

using test::fails_with;
using test::infer;

struct Rule {
  std::string op;
  std::vector<std::string> operands;
  AttrMap attrs;
  std::string outcome;  ///< the result types, or a part of the message
};

std::ostream& operator<<(std::ostream& out, const Rule& rule) { return out << rule.op << " gives " << rule.outcome; }

class InferGives : public ::testing::TestWithParam<Rule> {};
TEST_P(InferGives, Types) {
  const Rule& rule = GetParam();
  const auto types = infer(rule.op, rule.operands, rule.attrs);
  ASSERT_TRUE(types) << types.error().str();
  std::string text;
  for (const TensorType& t : *types) text += (text.empty() ? "" : " ") + t.str();
  EXPECT_EQ(text, rule.outcome);
}

INSTANTIATE_TEST_SUITE_P(
    Ops, InferGives,
    ::testing::Values(Rule{"exp", {"f32[n,3]"}, {}, "f32[n,3]"}, Rule{"is_nan", {"f64[n]"}, {}, "bool[n]"},
                      Rule{"not", {"bool[]"}, {}, "bool[]"}, Rule{"add", {"i32[n,3]", "i32[n,3]"}, {}, "i32[n,3]"},
                      // Symbols that differ are required to be equal.
                      Rule{"add", {"f32[n]", "f32[m]"}, {}, "f32[n]"},
                      Rule{"add", {"f32[0,2]", "f32[0,2]"}, {}, "f32[0,2]"},
                      Rule{"compare", {"f32[n]", "f32[n]"}, {{"direction", "lt"}}, "bool[n]"},
                      Rule{"select", {"bool[n]", "i64[n]", "i64[n]"}, {}, "i64[n]"},
                      Rule{"clamp", {"f32[2]", "f32[2]", "f32[2]"}, {}, "f32[2]"},
                      Rule{"fma", {"f64[2]", "f64[2]", "f64[2]"}, {}, "f64[2]"},
                      Rule{"convert", {"bool[n]"}, {{"dtype", kFloat32}}, "f32[n]"},
                      Rule{"bitcast", {"f64[n]"}, {{"dtype", kInt64}}, "i64[n]"}, Rule{"pin", {"i32[n]"}, {}, "i32[n]"},
                      Rule{"override", {"f32[n]", "f32[n]"}, {}, "f32[n]"},
                      Rule{"softmax", {"f32[n,4]"}, {{"axis", int64_t{1}}}, "f32[n,4]"},
                      Rule{"softmax_cross_entropy", {"f32[n,m,4]", "f32[n,m,4]"}, {}, "f32[n,m]"},
                      Rule{"softmax_cross_entropy", {"f64[4]", "f64[4]"}, {}, "f64[]"},
                      Rule{"sparse_softmax_cross_entropy", {"f32[n,4]", "i64[n]"}, {}, "f32[n]"},
                      Rule{"sparse_softmax_cross_entropy", {"f32[4]", "i32[]"}, {}, "f32[]"},
                      Rule{"gradients", {"f32[]", "f32[n]", "f32[3]"}, {{"num_ys", int64_t{1}}}, "f32[n] f32[3]"},
                      Rule{"gradients",
                           {"f32[2]", "f64[]", "f32[2]", "f64[]", "f32[n]"},
                           {{"num_ys", int64_t{2}}, {"num_grad_ys", int64_t{2}}},
                           "f32[n]"},
                      Rule{"gradients",
                           {"f32[2]", "f32[n]", "f32[3]"},
                           {{"num_ys", int64_t{1}}, {"num_stops", int64_t{1}}},
                           "f32[n]"}));

class InferRejects : public ::testing::TestWithParam<Rule> {};
TEST_P(InferRejects, WithItsConstraint) {
  EXPECT_THAT(infer(GetParam().op, GetParam().operands, GetParam().attrs), fails_with(GetParam().outcome));
}

INSTANTIATE_TEST_SUITE_P(
    Ops, InferRejects,
    ::testing::Values(
        Rule{"exp", {"i32[2]"}, {}, "operand 'x' needs f32 or f64, got i32[2]"},
        Rule{"neg", {"bool[2]"}, {}, "needs a number type"}, Rule{"not", {"f32[2]"}, {}, "needs bool or an integer"},
        Rule{"and", {"f32[2]", "f32[2]"}, {}, "needs bool or an integer"},
        Rule{"shift_left", {"bool[2]", "bool[2]"}, {}, "needs an integer type"},
        Rule{"pow", {"i32[2]", "i32[2]"}, {}, "operand 'a' needs f32 or f64"},
        Rule{"add", {"f32[2]"}, {}, "needs 2 operands, got 1"},
        Rule{"add", {"f32[2]", "f64[2]"}, {}, "add_c1: operands 'a' and 'b' need one element type"},
        Rule{"add", {"f32[2]", "f32[3]"}, {}, "add_c2: operands 'a' and 'b' need equal dimensions"},
        Rule{"add", {"f32[2]", "f32[2,1]"}, {}, "add_c2"}, Rule{"add", {"f32[n]", "f32[n+1]"}, {}, "add_c2"},
        Rule{"sub", {"f32[2]", "i32[2]"}, {}, "sub_c1"}, Rule{"mul", {"f32[2]", "f32[1]"}, {}, "mul_c2"},
        Rule{"div", {"f32[2]", "i32[2]"}, {}, "div_c1"}, Rule{"rem", {"f32[2]", "f32[1]"}, {}, "rem_c2"},
        Rule{"pow", {"f32[2]", "f64[2]"}, {}, "pow_c1"}, Rule{"atan2", {"f32[2]", "f32[]"}, {}, "atan2_c2"},
        Rule{"max", {"i32[2]", "i64[2]"}, {}, "max_c1"}, Rule{"min", {"i32[2]", "i32[3]"}, {}, "min_c2"},
        Rule{"xor", {"bool[2]", "i32[2]"}, {}, "xor_c1"}, Rule{"or", {"bool[2]", "bool[3]"}, {}, "or_c2"},
        Rule{"shift_right", {"i32[2]", "u32[2]"}, {}, "shift_right_c1"},
        Rule{"compare", {"f32[2]", "f64[2]"}, {{"direction", "eq"}}, "compare_c1"},
        Rule{"compare", {"f32[2]", "f32[3]"}, {{"direction", "eq"}}, "compare_c2"},
        Rule{"compare", {"f32[2]", "f32[2]"}, {{"direction", "=="}}, "compare_c3"},
        Rule{"compare", {"f32[2]", "f32[2]"}, {}, "attribute 'direction' is missing"},
        Rule{"select", {"i32[2]", "f32[2]", "f32[2]"}, {}, "operand 'condition' needs bool"},
        Rule{"select", {"bool[2]", "f32[2]", "f64[2]"}, {}, "select_c1"},
        Rule{"select", {"bool[]", "f32[2]", "f32[2]"}, {}, "select_c2"},
        Rule{"select", {"bool[2]", "f32[2]", "f32[3]"}, {}, "select_c2"},
        Rule{"clamp", {"f32[2]", "f32[2]", "f64[2]"}, {}, "clamp_c1"},
        Rule{"clamp", {"f32[]", "f32[2]", "f32[]"}, {}, "clamp_c2"},
        Rule{"fma", {"f32[2]", "f32[2]", "f64[2]"}, {}, "fma_c1"},
        Rule{"fma", {"f32[2]", "f32[2]", "f32[3]"}, {}, "fma_c2"},
        Rule{"bitcast", {"f64[2]"}, {{"dtype", kInt32}}, "bitcast_c1"},
        Rule{"bitcast", {"u8[2]"}, {{"dtype", kBool}}, "bitcast_c1"},
        Rule{"override", {"f32[2]", "f64[2]"}, {}, "override_c1"},
        Rule{"override", {"f32[2]", "f32[3]"}, {}, "override_c2"},
        Rule{"softmax", {"f32[]"}, {{"axis", int64_t{0}}}, "softmax_c1"},
        Rule{"softmax", {"f32[2]"}, {{"axis", int64_t{-1}}}, "softmax_c1"},
        Rule{"log_softmax", {"f32[2]"}, {{"axis", int64_t{1}}}, "log_softmax_c1"},
        Rule{"softmax_cross_entropy", {"f32[]", "f32[]"}, {}, "softmax_cross_entropy_c1"},
        Rule{"softmax_cross_entropy", {"f32[2]", "f64[2]"}, {}, "softmax_cross_entropy_c2"},
        Rule{"softmax_cross_entropy", {"f32[2]", "f32[3]"}, {}, "softmax_cross_entropy_c3"},
        Rule{"sparse_softmax_cross_entropy", {"f32[]", "i32[]"}, {}, "sparse_softmax_cross_entropy_c1"},
        Rule{"sparse_softmax_cross_entropy", {"f32[2,3]", "i32[2,3]"}, {}, "sparse_softmax_cross_entropy_c2"},
        Rule{"sparse_softmax_cross_entropy", {"f32[2,3]", "i32[4]"}, {}, "sparse_softmax_cross_entropy_c2"},
        Rule{"sparse_softmax_cross_entropy", {"f32[2,0]", "i32[2]"}, {}, "sparse_softmax_cross_entropy_c3"},
        Rule{"sparse_softmax_cross_entropy", {"f32[2,3]", "f32[2]"}, {}, "operand 'labels' needs i32 or i64"},
        Rule{"gradients", {"f32[]"}, {{"num_ys", int64_t{0}}}, "gradients_c1"},
        Rule{"gradients", {"f32[]"}, {{"num_ys", int64_t{2}}}, "gradients_c1"},
        Rule{"gradients", {"f32[]"}, {{"num_ys", int64_t{1}}, {"num_stops", int64_t{-1}}}, "gradients_c1"},
        Rule{"gradients", {"f32[]"}, {{"num_ys", int64_t{1}}, {"num_stops", INT64_MAX}}, "gradients_c1"},
        Rule{"gradients", {"f32[]", "f32[]"}, {{"num_ys", INT64_MAX}, {"num_grad_ys", INT64_MAX}}, "gradients_c1"},
        Rule{"gradients",
             {"f32[]", "f32[]", "f32[]"},
             {{"num_ys", int64_t{2}}, {"num_grad_ys", int64_t{1}}},
             "gradients_c2"},
        Rule{"gradients",
             {"f32[]", "f32[2]", "f32[]"},
             {{"num_ys", int64_t{1}}, {"num_grad_ys", int64_t{1}}},
             "gradients_c3"},
        Rule{"gradients", {"f32[]", "i32[2]"}, {{"num_ys", int64_t{1}}}, "needs f32 or f64"}));

TEST(InferRequires, EqualSymbolsAreRecordedOnce) {
  Function f("test");
  Builder b(f);
  const Value x = f.add_param(test::type("f32[n]"), {.name = "x"});
  const Value y = f.add_param(test::type("f32[m]"), {.name = "y"});
  b.add(b.add(x, y), y);
  ASSERT_EQ(f.requirements().size(), 1u);
  EXPECT_EQ(f.requirements()[0].a.str(), "n");
  EXPECT_EQ(f.requirements()[0].b.str(), "m");
}

}  // namespace
}  // namespace dlc::ir
