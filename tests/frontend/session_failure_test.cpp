// A run that fails: at every check of a program, on any number of threads, no variable changes and
// the report is the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "frontend/dlc.h"
#include "tests/frontend/session_testing.h"

namespace dlc {
namespace {

using ::testing::AllOf;
using testing::error_of;
using testing::expect_unchanged;
using ::testing::HasSubstr;
using testing::snapshot;

/// A training step with checks in the forward pass, in values that feed updates, and on variables
/// that the same step has updated.
class FailingRun : public ::testing::Test {
 protected:
  FailingRun() {
    reset_default_graph();
    ids = placeholder(kInt32, {"n"}, "ids");
    labels = placeholder(kInt32, {"n"}, "labels");
    divisor = placeholder(kInt32, {4}, "divisor");
    remainder = placeholder(kInt64, {}, "remainder");
    step_by = placeholder(kInt32, {2}, "step_by");
    const Tensor table = variable(random_uniform({5, 3}, -1, 1, kFloat32, 7), "table");
    const Tensor weights = variable(random_uniform({3, 3}, -1, 1, kFloat32, 8), "weights");
    const Tensor counters = variable(Array::of<int32_t>({4}, {40, 50, 60, 70}), "counters", {.trainable = false});
    const Tensor ring = variable(Array::of<int64_t>({}, {17}), "ring", {.trainable = false});
    const Tensor position = variable(Array::of<int32_t>({2}, {0, 1}), "position", {.trainable = false});
    const Tensor seen = variable(Array::of<float>({2, 3}, {0, 0, 0, 0, 0, 0}), "seen", {.trainable = false});

    const Tensor rows = gather(table, ids, 0, "lookup");
    const Tensor logits = matmul(rows, weights);
    loss =
        reduce_mean(sparse_softmax_cross_entropy_with_logits({.labels = labels, .logits = logits, .name = "entropy"}));
    const Operation learn = MomentumOptimizer(0.1, 0.9).minimize(loss);
    const Tensor quotient = assign(counters, floordiv(counters, divisor, "quotient"));
    const Tensor turned = assign(ring, mod(ring, remainder, "modulus") + 13);
    const Tensor moved = assign_add(position, step_by);
    Tensor late;
    {
      const Scope after = control_dependencies({moved});
      late = assign(seen, gather(table, identity(position), 0, "late_lookup"));
    }
    step = group({learn, quotient, turned, late});
  }

  Feeds feeds(const std::map<std::string, Array>& bad = {}) const {
    std::map<std::string, Array> values = {{"ids", Array::of<int32_t>({4}, {0, 4, 2, 2})},
                                           {"labels", Array::of<int32_t>({4}, {0, 1, 2, 0})},
                                           {"divisor", Array::of<int32_t>({4}, {1, 2, 3, 4})},
                                           {"remainder", Array::scalar<int64_t>(5)},
                                           {"step_by", Array::of<int32_t>({2}, {1, 1})}};
    for (const auto& [name, value] : bad) values[name] = value;
    Feeds fed;
    for (const Tensor& t : {ids, labels, divisor, remainder, step_by}) fed.emplace_back(t, values.at(t.name()));
    return fed;
  }

  Tensor ids, labels, divisor, remainder, step_by, loss;
  Operation step;
};

TEST_F(FailingRun, ChangesNoVariableAtAnySite) {
  struct Case {
    const char* node;
    const char* feed;
    Array bad;
    ErrorCode code;
    const char* value;
  };
  const Case cases[] = {
      {"lookup", "ids", Array::of<int32_t>({4}, {0, 1, 5, 2}), ErrorCode::kOutOfRange, "5"},
      {"lookup", "ids", Array::of<int32_t>({4}, {0, 1, 2, -9}), ErrorCode::kOutOfRange, "-9"},
      {"entropy", "labels", Array::of<int32_t>({4}, {0, 3, 2, 2}), ErrorCode::kOutOfRange, "3"},
      {"entropy", "labels", Array::of<int32_t>({4}, {0, 1, 2, -1}), ErrorCode::kOutOfRange, "-1"},
      {"quotient", "divisor", Array::of<int32_t>({4}, {1, 2, 0, 4}), ErrorCode::kArithmetic, "0"},
      {"modulus", "remainder", Array::scalar<int64_t>(0), ErrorCode::kArithmetic, "0"},
      {"late_lookup", "step_by", Array::of<int32_t>({2}, {1, 7}), ErrorCode::kOutOfRange, "9"},
  };
  for (const bool fuse : {true, false}) {
    for (const int threads : {1, 2, 4}) {
      Session session({.num_threads = threads, .fuse = fuse, .checked = true});
      session.run(global_variables_initializer());
      session.run(step, feeds());  // so that the optimiser's state is not zero
      for (const Case& c : cases) {
        SCOPED_TRACE(fmt::format("{} fails, {} threads, fuse {}", c.node, threads, fuse));
        const auto before = snapshot(session);
        ASSERT_EQ(before.size(), session.graph().variables().size());
        const Error e = error_of([&] { session.run(step, feeds({{c.feed, c.bad}})); });
        EXPECT_EQ(e.code, c.code) << e.str();
        EXPECT_THAT(e.str(), AllOf(HasSubstr(c.node), HasSubstr(c.value), HasSubstr("session_failure_test.cpp")));
        expect_unchanged(session, before);
      }
      // And then it goes on as if nothing had been.
      const auto before = snapshot(session);
      session.run(step, feeds());
      for (const auto& [variable, value] : before)
        EXPECT_FALSE(session.value(variable).identical(value)) << variable.name();
    }
  }
}

TEST_F(FailingRun, LeavesVariablesUninitialisedThatItWouldHaveInitialised) {
  const Tensor fresh = variable(Array::of<int32_t>({4}, {1, 1, 1, 1}), "fresh");
  const Tensor set = assign(fresh, floordiv(Array::of<int32_t>({4}, {1, 1, 1, 1}), divisor));
  Session session;
  EXPECT_EQ(error_of([&] { session.run(set, {{divisor, Array(kInt32, {4})}}); }).code, ErrorCode::kArithmetic);
  EXPECT_FALSE(session.is_initialized(fresh));
}

TEST_F(FailingRun, ReportsTheSameSiteAndElementOnAnyNumberOfThreads) {
  // Large enough for several chunks; bad elements in different ones, at different checks.
  constexpr int64_t kN = 300000;
  const Tensor x = placeholder(kInt32, {kN}, "x"), d = placeholder(kInt32, {kN}, "d");
  const Tensor table = variable(random_uniform({10}, 0, 1, kFloat32, 3), "big_table");
  const Tensor picked = gather(table, x, 0, "pick"), quotient = floordiv(x, d, "divide");
  Array xs(kInt32, {kN}), ds = Array::full(kInt32, {kN}, 1);
  for (const int64_t i : {kN - 1, kN / 2, kN / 2 + 1, kN / 3}) xs.data<int32_t>()[static_cast<size_t>(i)] = 77;
  for (const int64_t i : {kN - 2, kN / 5, kN / 4}) ds.data<int32_t>()[static_cast<size_t>(i)] = 0;
  const Feeds fed = {{x, xs}, {d, ds}};
  std::map<std::string, std::string> first;
  for (const int threads : {1, 2, 4}) {
    Session session({.num_threads = threads});
    session.run(global_variables_initializer());
    for (int repeat = 0; repeat < 5; ++repeat) {
      const std::string both = error_of([&] { session.run({picked, quotient}, fed); }).str();
      const std::string pick = error_of([&] { session.run(picked, fed); }).str();
      const std::string divide = error_of([&] { session.run(quotient, fed); }).str();
      EXPECT_THAT(pick, AllOf(HasSubstr("'pick'"), HasSubstr(fmt::format("element {} ", kN / 3)), HasSubstr("77")));
      EXPECT_THAT(divide, AllOf(HasSubstr("'divide'"), HasSubstr(fmt::format("element {} ", kN / 5))));
      EXPECT_EQ(first.emplace("both", both).first->second, both);
    }
  }
  EXPECT_TRUE(first["both"] == error_of([&] {
                                 Session s;
                                 s.run(global_variables_initializer());
                                 s.run({quotient, picked}, fed);
                               }).str())
      << "the order of the fetches does not matter";
}

TEST_F(FailingRun, ACheckOnAnUpdatedVariableIsAFailureOfTheWholeStep) {
  const Tensor at = variable(Array::of<int32_t>({1}, {2}), "at"), data = variable({10.0f, 20.0f, 30.0f}, "data");
  const Tensor next = assign_add(at, Array::of<int32_t>({1}, {1}));
  Tensor read;
  {
    const Scope after = control_dependencies({next});
    read = gather(data, identity(at), 0, "read");
  }
  Session session({.checked = true});
  session.run(global_variables_initializer());
  EXPECT_THAT(error_of([&] { session.run({next, read}); }).str(), HasSubstr("'read'"));
  EXPECT_EQ(session.value(at).at<int32_t>({0}), 2);
  session.set_value(at, Array::of<int32_t>({1}, {0}));
  EXPECT_EQ(session.run({at, next, read})[2].at<float>({0}), 20.0f);
  EXPECT_EQ(session.value(at).at<int32_t>({0}), 1);
}

}  // namespace
}  // namespace dlc
