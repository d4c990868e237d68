#include "passes/pattern.h"

#include <gtest/gtest.h>

#include "ir/parser.h"
#include "ir/printer.h"
#include "passes/pass_manager.h"
#include "passes/pattern_set.h"

namespace dlc::passes {
namespace {

using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

std::unique_ptr<ir::Function> parse_unverified(const std::string& text) {
  return value_or_throw(ir::parse_function(text));
}

/// The op that makes result i.
Op& made_by(ir::Function& f, int i) { return *f.result(i).op; }

TEST(Pattern, ReadsLikeTheExpression) {
  const auto f = parse_unverified(R"(func @f(%x: f32[4], %y: f32[4]) -> (f32[]) {
  %0 = exp(%x) : f32[4]
  %1 = mul(%y, %0) : f32[4]
  %2 = reduce(%1) {axes = [0], kind = "sum"} : f32[]
  %3 = log(%2) : f32[]
  return %3
})");
  Value x, y;
  Op* sum = nullptr;
  EXPECT_TRUE(m::log(m::reduce_sum(m::mul(m::any(y), m::exp(m::any(x)))).bind(sum)).match(made_by(*f, 0)));
  EXPECT_EQ(x, f->param(0));
  EXPECT_EQ(y, f->param(1));
  EXPECT_TRUE(sum->is(OpKind::kReduce));
  EXPECT_FALSE(m::log(m::reduce_max(m::any())).match(made_by(*f, 0)));
  EXPECT_FALSE(m::log(m::reduce_sum(m::mul(m::exp(m::any()), m::any()))).match(made_by(*f, 0))) << "order counts";
  EXPECT_TRUE(m::log(m::reduce_sum(m::commutative_mul(m::exp(m::any(x)), m::any(y)))).match(made_by(*f, 0)));
  EXPECT_EQ(y, f->param(1));
}

TEST(Pattern, SameMeansTheValueCapturedBefore) {
  const auto f = parse_unverified(R"(func @f(%x: f32[4], %y: f32[4]) -> (f32[4], f32[4]) {
  %0 = sub(%x, %x) : f32[4]
  %1 = sub(%x, %y) : f32[4]
  return %0, %1
})");
  Value x;
  const auto difference = m::sub(m::any(x), m::same(x));
  EXPECT_TRUE(difference.match(made_by(*f, 0)));
  EXPECT_FALSE(difference.match(made_by(*f, 1)));
}

TEST(Pattern, SplatIsSeenThroughShapesAndConversions) {
  const auto f = parse_unverified(R"(func @f(%x: f32[n]) -> (f32[n,3], f64[2], f32[2], i64[], f32[n]) {
  %0 = constant() {value = f32[] {-0.0}} : f32[]
  %1 = broadcast(%0) {axes = [], dims = <n,3>} : f32[n,3]
  %2 = constant() {value = i32[2] {7, 7}} : i32[2]
  %3 = convert(%2) {dtype = f64} : f64[2]
  %4 = constant() {value = f32[2] {1.0, 2.0}} : f32[2]
  %5 = constant() {value = i64[] {9007199254740993}} : i64[]
  return %1, %3, %4, %5, %x
})");
  EXPECT_EQ(splat_value(f->result(0)), -0.0);
  EXPECT_TRUE(is_splat(f->result(0), -0.0));
  EXPECT_FALSE(is_splat(f->result(0), 0.0)) << "zeros of two signs are two numbers";
  EXPECT_EQ(splat_value(f->result(1)), 7.0);
  EXPECT_EQ(splat_value(f->result(2)), std::nullopt);
  EXPECT_EQ(splat_value(f->result(3)), std::nullopt) << "no double holds it";
  EXPECT_EQ(splat_value(f->result(4)), std::nullopt);
  double number = 0;
  EXPECT_TRUE(m::splat_of(number).match(f->result(1)));
  EXPECT_EQ(number, 7.0);
}

bool add_becomes_sub(Op& root, Rewriter& rw) {
  rw.replace(root, rw.sub(root.operand(0), root.operand(1)));
  return true;
}
bool sub_becomes_add(Op& root, Rewriter& rw) {
  rw.replace(root, rw.add(root.operand(0), root.operand(1)));
  return true;
}
bool drop_neg_neg(Op& root, Rewriter& rw) {
  Value x;
  if (!m::neg(m::neg(m::any(x))).match(root)) return false;
  rw.replace(root, x);
  return true;
}

TEST(PatternSet, AppliesUntilNothingFires) {
  const auto f = parse_unverified(R"(func @f(%x: f32[4]) -> (f32[4]) {
  %0 = neg(%x) : f32[4]
  %1 = neg(%0) : f32[4]
  %2 = neg(%1) : f32[4]
  %3 = neg(%2) : f32[4]
  %4 = neg(%3) : f32[4]
  return %4
})");
  PatternSet set;
  RewriteCounter all;
  set.add("neg-neg", OpKind::kNeg, drop_neg_neg);
  EXPECT_TRUE(value_or_throw(apply_patterns(*f, set, all)));
  EXPECT_EQ(print(*f), "func @f(%x: f32[4]) -> (f32[4]) {\n  %0 = neg(%x) : f32[4]\n  return %0\n}\n");
  EXPECT_FALSE(value_or_throw(apply_patterns(*f, set, all)));
}

TEST(PatternSet, ReachesIntoRegions) {
  const auto f = parse_unverified(R"(func @f(%x: f32[4]) -> (f32[4]) {
  %0 = fusion(%x) {kind = "elementwise"} : f32[4] {
    func @body(%p: f32[4]) -> (f32[4]) {
      %0 = neg(%p) : f32[4]
      %1 = neg(%0) : f32[4]
      return %1
    }
  }
  return %0
})");
  PatternSet set;
  RewriteCounter all;
  set.add("neg-neg", OpKind::kNeg, drop_neg_neg);
  EXPECT_TRUE(value_or_throw(apply_patterns(*f, set, all)));
  EXPECT_EQ(f->ops().front()->regions()[0]->num_ops(), 0u);
}

TEST(PatternSet, PatternsThatUndoEachOtherAreAnError) {
  const auto f = parse_unverified("func @f(%x: f32[4]) -> (f32[4]) {\n  %0 = add(%x, %x) : f32[4]\n  return %0\n}");
  PatternSet set;
  RewriteCounter all;
  set.add("there", OpKind::kAdd, add_becomes_sub);
  set.add("back", OpKind::kSub, sub_becomes_add);
  const Expected<bool> changed = apply_patterns(*f, set, all);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::kInternal);
  EXPECT_NE(changed.error().message.find("do not settle"), std::string::npos);
}

TEST(RewriteCounter, StopsAtItsLimitAndTellsTheLast) {
  PatternSet set;
  set.add("neg-neg", OpKind::kNeg, drop_neg_neg);
  const auto make = [] {
    return parse_unverified(R"(func @f(%x: f32[4]) -> (f32[4]) {
  %0 = neg(%x) : f32[4]
  %1 = neg(%0) : f32[4] loc("second", "a.cpp":2)
  %2 = neg(%1) : f32[4]
  %3 = neg(%2) : f32[4]
  return %3
})");
  };
  RewriteCounter all, none(0), one(1);
  auto f = make();
  EXPECT_TRUE(value_or_throw(apply_patterns(*f, set, all)));
  EXPECT_EQ(all.num_rewrites(), 2);
  EXPECT_EQ(all.last(), "");
  f = make();
  EXPECT_FALSE(value_or_throw(apply_patterns(*f, set, none)));
  EXPECT_EQ(f->num_ops(), 4u);
  one.begin_pass("canonicalize");
  EXPECT_TRUE(value_or_throw(apply_patterns(*f, set, one)));
  EXPECT_EQ(one.num_rewrites(), 1);
  EXPECT_EQ(one.last(), "canonicalize: neg-neg at %1 = neg(%0) : f32[4], node 'second' (a.cpp:2)");
}

/// With no rewrite at all a function still gets to kernels: no pass that others need asks the counter.
TEST(RewriteCounter, LimitZeroStillCompiles) {
  const auto f = parse_unverified(R"(func @f(%x: f32[4,3], %i: i32[4]) -> (f32[4,3]) {
  %0 = softmax(%x) {axis = 1} : f32[4,3]
  %1 = pin(%0) : f32[4,3]
  %2 = sparse_softmax_cross_entropy(%1, %i) : f32[4]
  %3 = reduce(%2) {axes = [0], kind = "sum"} : f32[]
  %4 = gradients(%3, %1) {num_ys = 1} : f32[4,3]
  return %4
})");
  PassContext context;
  context.rewrites = RewriteCounter(0);
  value_or_throw(PassManager().run(*f, value_or_throw(parse_pipeline("compile")), context));
  for (const auto& op : f->ops()) EXPECT_TRUE(op->is(OpKind::kFusion) || op->is(OpKind::kReshape)) << op->name();
  EXPECT_EQ(context.rewrites.num_rewrites(), 0);
}

}  // namespace
}  // namespace dlc::passes
