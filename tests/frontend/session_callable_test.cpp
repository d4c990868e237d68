// Callable: a step made ready by Session::prepare.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/dlc.h"
#include "tests/frontend/session_testing.h"

namespace dlc {
namespace {

using ::testing::AllOf;
using testing::error_of;
using ::testing::HasSubstr;

class PreparedStep : public ::testing::Test {
 protected:
  PreparedStep() { reset_default_graph(); }
  static Array pair(float a, float b) { return Array::of<float>({2}, {a, b}); }
};

TEST_F(PreparedStep, FeedsComeInTheOrderOfPrepareAndResultsInThatOfTheFetches) {
  const Tensor a = placeholder(kFloat32, {2}, "a"), b = placeholder(kFloat32, {2}, "b"), w = variable(1.0f, "w");
  const Tensor next = assign_add(w, 1);
  Session session;
  session.run(global_variables_initializer());
  Callable step = session.prepare({next.op(), a - b, w, a - b}, {{b, {kFloat32, {2}}}, {a, {kFloat32, {2}}}});
  for (int i = 1; i <= 3; ++i) {
    const std::vector<Array>& out = step({pair(1, 2), pair(5, 5)});
    ASSERT_EQ(out.size(), 4u);
    EXPECT_EQ(out[0].num_elements(), 0);
    EXPECT_TRUE(out[1].identical(pair(4, 3)));
    EXPECT_EQ(out[2].item<float>(), static_cast<float>(i));
    EXPECT_TRUE(out[3].identical(pair(4, 3)));
  }
  EXPECT_EQ(session.value(w).item<float>(), 4.0f);
}

TEST_F(PreparedStep, ResultsStayInPlaceUntilTheNextCall) {
  const Tensor x = placeholder(kFloat32, {2}, "x");
  Session session;
  Callable step = session.prepare({x + 1}, {{x, {kFloat32, {2}}}});
  const Array first = step({pair(1, 2)})[0];
  session.run(x + 1, {{x, pair(7, 7)}});  // another run does not touch them
  EXPECT_TRUE(first.identical(pair(2, 3)));
  const Array second = step({pair(3, 4)})[0];
  EXPECT_EQ(first.bytes(), second.bytes());
}

TEST_F(PreparedStep, AFeedThatLiesInAResultIsCopiedFirst) {
  const Tensor x = placeholder(kFloat32, {4}, "x"), y = placeholder(kFloat32, {4}, "y");
  Session session;
  // Written in another order than read: in place it would go wrong.
  Callable step = session.prepare({reverse(x, {0}), reverse(y, {0}) + x}, {{x, {kFloat32, {4}}}, {y, {kFloat32, {4}}}});
  const Array start = Array::of<float>({4}, {1, 2, 3, 4});
  const std::vector<Array>& out = step({start, start});
  EXPECT_TRUE(out[0].identical(Array::of<float>({4}, {4, 3, 2, 1})));
  EXPECT_TRUE(out[1].identical(Array::of<float>({4}, {5, 5, 5, 5})));
  step({out[0], out[0]});
  EXPECT_TRUE(out[0].identical(start));
  EXPECT_TRUE(out[1].identical(Array::of<float>({4}, {5, 5, 5, 5})));
}

TEST_F(PreparedStep, ResultsGoWhereTheCallerSays) {
  const Tensor x = placeholder(kFloat32, {2}, "x");
  Session session;
  Callable step = session.prepare({x + 1, x.op(), x * 2}, {{x, {kFloat32, {2}}}});
  float memory[4] = {};
  std::vector<Array> into = {Array::borrow(kFloat32, {2}, memory), Array(), Array::borrow(kFloat32, {2}, memory + 2)};
  const Array feed = pair(1, 2);
  step.run_into({&feed, 1}, into);
  EXPECT_THAT(memory, ::testing::ElementsAre(2, 3, 2, 4));
  step.run_into({&into[2], 1}, into);  // the feed lies in a result
  EXPECT_THAT(memory, ::testing::ElementsAre(3, 5, 4, 8));

  const auto refused = [&](std::vector<Array> room) { return error_of([&] { step.run_into({&feed, 1}, room); }); };
  EXPECT_EQ(refused({into[0]}).code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused({into[0], {}, Array(kFloat32, {3})}).str(), AllOf(HasSubstr("f32[2]"), HasSubstr("f32[3]")));
  EXPECT_THAT(refused({into[0], {}, Array(kInt32, {2})}).str(), AllOf(HasSubstr("f32[2]"), HasSubstr("i32[2]")));
  EXPECT_THAT(refused({into[0], {}, Array::borrow(kFloat32, {2}, memory + 1)}).str(), HasSubstr("same memory"));
}

TEST_F(PreparedStep, FeedsOfOtherTypesAreRefused) {
  const Tensor x = placeholder(kFloat32, {"n"}, "x");
  Session session;
  Callable step = session.prepare({x + 1}, {{x, {kFloat32, {2}}}});
  const auto refused = [&](std::vector<Array> feeds) { return error_of([&] { step(feeds); }); };
  EXPECT_THAT(refused({Array(kFloat32, {3})}).str(), AllOf(HasSubstr("'x'"), HasSubstr("f32[2]"), HasSubstr("f32[3]")));
  EXPECT_EQ(refused({Array(kFloat32, {3})}).code, ErrorCode::kInvalidShape);
  EXPECT_EQ(refused({Array(kInt32, {2})}).code, ErrorCode::kInvalidType);
  EXPECT_EQ(refused({}).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused({pair(1, 2), pair(1, 2)}).code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(step({pair(1, 2)})[0].identical(pair(2, 3)));

  const Error prepared = error_of([&] { session.prepare({x + 1}, {{x, {kInt32, {2}}}}); });
  EXPECT_THAT(prepared.str(), AllOf(HasSubstr("'x'"), HasSubstr("f32[n]"), HasSubstr("i32[2]")));
  EXPECT_THROW(session.prepare({x + 1}, {{x, {kFloat32, {-2}}}}), Exception);
  EXPECT_THAT(error_of([&] { session.prepare({x + 1}); }).str(), HasSubstr("'x'"));
}

TEST_F(PreparedStep, VariablesAreLookedUpWhenItRuns) {
  const Tensor w = variable({1.0f, 2.0f}, "w");
  Session session;
  Callable step = session.prepare({w * 2});
  EXPECT_THAT(error_of([&] { step(); }).str(), HasSubstr("'w'"));
  session.run(global_variables_initializer());
  EXPECT_TRUE(step()[0].identical(pair(2, 4)));
  session.set_value(w, pair(5, 6));
  EXPECT_TRUE(step()[0].identical(pair(10, 12)));
}

TEST_F(PreparedStep, GoesOnWhenItsSessionIsGone) {
  const Tensor w = variable(1.0f, "w");
  auto session = std::make_unique<Session>();
  session->run(global_variables_initializer());
  Callable first = session->prepare({assign_add(w, 1)}), second = session->prepare({w});
  session.reset();
  reset_default_graph();
  EXPECT_EQ(first()[0].item<float>(), 2.0f);
  EXPECT_EQ(second()[0].item<float>(), 2.0f);
  second = std::move(first);
  EXPECT_EQ(second()[0].item<float>(), 3.0f);
}

TEST_F(PreparedStep, AFailingCallChangesNoVariableAndTheNextOneWorks) {
  const Tensor d = placeholder(kInt32, {2}, "d"), w = variable(Array::of<int32_t>({2}, {12, 12}), "w");
  const Tensor next = assign(w, floordiv(w, d));
  Session session;
  session.run(global_variables_initializer());
  Callable step = session.prepare({next}, {{d, {kInt32, {2}}}});
  EXPECT_EQ(error_of([&] { step({Array::of<int32_t>({2}, {2, 0})}); }).code, ErrorCode::kArithmetic);
  EXPECT_TRUE(session.value(w).identical(Array::of<int32_t>({2}, {12, 12})));
  EXPECT_TRUE(step({Array::of<int32_t>({2}, {2, 3})})[0].identical(Array::of<int32_t>({2}, {6, 4})));
}

}  // namespace
}  // namespace dlc
