#include "ir/rewriter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <string>
#include <vector>

#include "ir/parser.h"
#include "ir/printer.h"
#include "ir/verifier.h"

namespace dlc::ir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::unique_ptr<Function> three_ops() {
  return value_or_throw(
      parse_function("func @f(%x: f32[4]) -> (f32[4]) {\n  %0 = exp(%x) : f32[4]\n  %1 = neg(%x) : f32[4]\n"
                     "  %2 = add(%0, %1) : f32[4]\n  return %2\n}"));
}

/// Names of the ops, read forwards; that they are the same backwards is checked.
std::vector<std::string> names(const Function& f) {
  std::vector<std::string> forwards, backwards;
  for (const Op* op : f.ops()) forwards.push_back(op->name());
  for (auto it = f.ops().end(); it != f.ops().begin();) backwards.insert(backwards.begin(), (*--it)->name());
  EXPECT_EQ(forwards, backwards);
  EXPECT_EQ(forwards.size(), f.num_ops());
  std::vector<std::string> reversed;
  for (auto it = f.ops().rbegin(); it != f.ops().rend(); ++it) reversed.push_back((*it)->name());
  EXPECT_TRUE(std::equal(reversed.rbegin(), reversed.rend(), forwards.begin(), forwards.end()));
  return forwards;
}

TEST(OpList, IsReadBothWays) { EXPECT_THAT(names(*three_ops()), ElementsAre("exp", "neg", "add")); }

TEST(OpList, AnOpMovesToEitherEnd) {
  const auto f = three_ops();
  Rewriter rw(*f);
  Op& first = *f->ops().front();
  Op& second = *first.next();
  rw.move_before(second, first);
  EXPECT_THAT(names(*f), ElementsAre("neg", "exp", "add"));
  rw.move_before(second, *f->ops().back());
  EXPECT_THAT(names(*f), ElementsAre("exp", "neg", "add"));
  rw.move_before(first, first);
  EXPECT_THAT(names(*f), ElementsAre("exp", "neg", "add"));
  value_or_throw(verify(*f));
}

TEST(OpList, AnIteratorOutlivesTheOpsAroundIt) {
  const auto f = three_ops();
  Rewriter rw(*f);
  rw.set_results(std::vector<Value>{f->param(0)}, {});
  for (auto it = f->ops().end(); it != f->ops().begin();) {
    --it;
    Op& op = **it;
    ++it;
    rw.erase(op);
  }
  EXPECT_THAT(names(*f), IsEmpty());
  EXPECT_EQ(f->ops().front(), nullptr);
}

TEST(Rewriter, AdoptsAnOpOfAnotherFunction) {
  const auto f = three_ops();
  Function g("g");
  const Value y = g.add_param(f->param(0).type(), {ParamKind::kFeed, "y"});
  Op& exp = *f->ops().front();
  Op& add = *f->ops().back();
  Rewriter into(g);
  into.adopt(exp, std::vector<Value>{y});
  into.adopt(add, std::vector<Value>{exp.result(), y});
  g.set_results(std::vector<Value>{add.result()});
  // The old function has nothing of them but a result that it no longer owns.
  Rewriter(*f).set_results({}, {});
  EXPECT_THAT(names(*f), ElementsAre("neg"));
  EXPECT_TRUE(f->ops().front()->unused());
  EXPECT_EQ(uses(f->param(0)).size(), 1u);
  value_or_throw(verify(g));
  EXPECT_EQ(print(g, {.locations = false}),
            "func @g(%y: f32[4]) -> (f32[4]) {\n  %0 = exp(%y) : f32[4]\n  %1 = add(%0, %y) : f32[4]\n"
            "  return %1\n}\n");
}

TEST(Builder, AnOpLikeAnotherSharesItsAttributes) {
  const auto f = value_or_throw(
      parse_function("func @f(%x: f32[4,8]) -> (f32[4]) {\n  %0 = reduce(%x) {axes = [1], kind = \"sum\"} : f32[4]\n"
                     "  return %0\n}"));
  Op& sum = *f->ops().front();
  Builder b(*f);
  const Value y = f->add_param(TensorType::of(kFloat64, {2, 3}), {ParamKind::kFeed, "y"});
  const Op* const like = b.create_like(sum, std::vector<Value>{y});
  EXPECT_EQ(like->type(), TensorType::of(kFloat64, {2}));
  EXPECT_EQ(&like->attrs(), &sum.attrs());
  const Value scalar = f->add_param(TensorType::scalar(kFloat32), {ParamKind::kFeed, "z"});
  EXPECT_THROW(b.create_like(sum, std::vector<Value>{scalar}), Exception);
}

}  // namespace
}  // namespace dlc::ir
