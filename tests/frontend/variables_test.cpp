// What a use of a variable sees, and which programs are refused (SEMANTICS.md, Variables and failure).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/ops/core.h"
#include "frontend/ops/elementwise.h"
#include "frontend/ops/shapes.h"
#include "tests/frontend/run_graph.h"

namespace dlc {
namespace {

using testing::GraphRunner;
using ::testing::HasSubstr;
using testing::message_of;

class Variables : public ::testing::Test {
 protected:
  Variables() { reset_default_graph(); }
  void init() { runner.run({global_variables_initializer()}); }
  float value(const std::string& name) { return runner.variables.at(name).item<float>(); }
  GraphRunner runner;
};

TEST_F(Variables, InitializerGivesInitialValue) {
  const Tensor w = variable(0.0f, "w");
  EXPECT_EQ(w.dtype(), kFloat32);
  EXPECT_THAT(message_of([&] { runner.run_one(w); }), HasSubstr("'w'"));
  init();
  EXPECT_EQ(runner.run_one(w).item<float>(), 0.0f);
}

TEST_F(Variables, LaterVariablesAreNotInAnEarlierInitializer) {
  variable(1.0f, "a");
  const Operation first = global_variables_initializer();
  variable(2.0f, "b");
  runner.run({first});
  EXPECT_TRUE(runner.variables.contains("a"));
  EXPECT_FALSE(runner.variables.contains("b"));
}

TEST_F(Variables, FetchOfAnUpdatedVariableIsTheValueFromBefore) {
  const Tensor w = variable(1.0f, "w");
  const Tensor next = assign_add(w, 2);
  init();
  const std::vector<Array> out = runner.run({w, next, w});
  EXPECT_EQ(out[0].item<float>(), 1.0f);
  EXPECT_EQ(out[1].item<float>(), 3.0f);
  EXPECT_EQ(out[2].item<float>(), 1.0f);
  EXPECT_EQ(value("w"), 3.0f);
}

TEST_F(Variables, ReadSeesTheAssignmentAmongItsAncestorsByControl) {
  const Tensor w = variable(1.0f, "w");
  const Tensor before = identity(w);
  const Tensor set = assign(w, 5);
  Tensor after;
  {
    const Scope scope = control_dependencies({set});
    after = identity(w);
  }
  init();
  const std::vector<Array> out = runner.run({before, after});
  EXPECT_EQ(out[0].item<float>(), 1.0f);
  EXPECT_EQ(out[1].item<float>(), 5.0f);
}

TEST_F(Variables, ReadSeesTheAssignmentAmongItsAncestorsByData) {
  const Tensor w = variable(1.0f, "w");
  const Tensor set = assign(w, 5);
  // assign_add's value comes from `set`, so its read of w comes after it.
  const Tensor twice = assign_add(w, set);
  init();
  EXPECT_EQ(runner.run_one(twice).item<float>(), 10.0f);
  EXPECT_EQ(value("w"), 10.0f);
}

TEST_F(Variables, LastOfAChainOfAssignmentsWins) {
  const Tensor w = variable(1.0f, "w");
  Tensor last = assign_add(w, 1);
  for (int i = 0; i < 3; ++i) {
    const Scope scope = control_dependencies({last});
    last = assign_sub(w, 10);
  }
  init();
  runner.run({last.op()});
  EXPECT_EQ(value("w"), -28.0f);
}

TEST_F(Variables, UnorderedAssignmentsAreRefusedNamingBoth) {
  const Tensor w = variable(1.0f, "w");
  const Tensor a = assign(w, 2, "first");
  const Tensor b = assign_add(w, 3, "second");
  const std::string message = message_of([&] { runner.run({group({a, b})}); });
  EXPECT_THAT(message, HasSubstr("'w'"));
  EXPECT_THAT(message, HasSubstr("'first'"));
  EXPECT_THAT(message, HasSubstr("'second'"));
  EXPECT_THAT(message, HasSubstr("variables_test.cpp"));
  init();
  runner.run({a});  // each alone is fine
  runner.run({b});
  EXPECT_EQ(value("w"), 5.0f);
}

TEST_F(Variables, AssignDoesNotReadTheOldValue) {
  const Tensor w = variable(1.0f, "w");
  runner.run({assign(w, 7)});  // never initialised
  EXPECT_EQ(value("w"), 7.0f);
}

TEST_F(Variables, FedVariableReplacesReadsFromBefore) {
  const Tensor w = variable(1.0f, "w");
  const Tensor next = assign_add(w, 1);
  init();
  EXPECT_EQ(runner.run_one(next, {{w, Array::scalar(10.0f)}}).item<float>(), 11.0f);
}

TEST_F(Variables, InitialValueOfAnother) {
  const Tensor a = variable(3.0f, "a");
  variable(identity(initialized_value(a)), "b");
  init();
  EXPECT_EQ(value("b"), 3.0f);
}

TEST_F(Variables, AssignChecksTypes) {
  const Tensor w = variable(zeros({2, 3}), "w");
  EXPECT_THAT(message_of([&] { assign(w, zeros({3, 2})); }),
              AllOf(HasSubstr("f32[2,3]"), HasSubstr("f32[3,2]"), HasSubstr("variables_test.cpp")));
  EXPECT_THAT(message_of([&] { assign(w, zeros({2, 3}, kFloat64)); }), HasSubstr("f64[2,3]"));
  EXPECT_THAT(message_of([&] { assign(zeros({2}), zeros({2})); }), HasSubstr("needs a variable"));
}

TEST_F(Variables, GetVariableNeedsReuseToShare) {
  const Tensor w = get_variable("w", {2}, zeros_initializer());
  EXPECT_THAT(message_of([&] { get_variable("w", {2}, zeros_initializer()); }),
              AllOf(HasSubstr("'w' exists already"), HasSubstr("variable_scope(\"\", Reuse::kYes)"),
                    HasSubstr("first made at"), HasSubstr("variables_test.cpp")));
  Tensor shared;
  {
    const Scope scope = variable_scope("layer");
    shared = get_variable("w", {2}, ones_initializer());
    EXPECT_EQ(shared.name(), "layer/w");
  }
  const Scope scope = variable_scope("layer", Reuse::kYes);
  EXPECT_EQ(get_variable("w", {2}), shared);
  EXPECT_THAT(message_of([&] { get_variable("w", {3}); }), AllOf(HasSubstr("f32[2]"), HasSubstr("f32[3]")));
  EXPECT_THAT(message_of([&] { get_variable("other", {3}); }), HasSubstr("'layer/other' does not exist"));
}

TEST_F(Variables, TheEmptyScopeReusesVariablesOfTheCurrentOne) {
  const Tensor root = get_variable("w", {2}, zeros_initializer());
  {
    const Scope scope = variable_scope("", Reuse::kYes);
    EXPECT_EQ(get_variable("w", {2}), root);
    EXPECT_EQ((root + 1).name(), "add");  // nodes get no prefix either
    EXPECT_THAT(message_of([&] { get_variable("other", {2}); }), HasSubstr("'other' does not exist"));
  }
  EXPECT_THAT(message_of([&] { get_variable("w", {2}); }), HasSubstr("'w' exists already"));
  const Scope layer = variable_scope("layer");
  const Tensor inner = get_variable("w", {2}, zeros_initializer());
  const Scope again = variable_scope("", Reuse::kAuto);
  EXPECT_EQ(get_variable("w", {2}), inner);
  EXPECT_EQ(get_variable("b", {2}).name(), "layer/b");
  EXPECT_THAT(message_of([] { const Scope s = name_scope(""); }), HasSubstr("'' is no name of a scope"));
}

}  // namespace
}  // namespace dlc
