// Session::run: fetches, feeds, variables, and what the user reads when something does not fit.
#include "frontend/session/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pmmintrin.h>

#include "frontend/dlc.h"
#include "tests/frontend/session_testing.h"

namespace dlc {
namespace {

using ::testing::AllOf;
using testing::error_of;
using ::testing::HasSubstr;

class SessionRun : public ::testing::Test {
 protected:
  SessionRun() { reset_default_graph(); }
};

Array column(std::vector<float> values) {
  const int64_t n = static_cast<int64_t>(values.size());
  return Array::of<float>({n}, values);
}

TEST_F(SessionRun, FetchesAreOneExecutionAndKeepTheirPlaces) {
  const Tensor x = placeholder(kFloat32, {"n"}, "x");
  const Tensor w = variable(2.0f, "w");
  const Tensor y = x * w, next = assign_add(w, 1);
  Session session;
  session.run(global_variables_initializer());
  const std::vector<Array> out = session.run({next.op(), y, w, y, x, next}, {{x, column({1, 2})}});
  ASSERT_EQ(out.size(), 6u);
  EXPECT_EQ(out[0].num_elements(), 0);  // an Operation's slot
  EXPECT_TRUE(out[1].identical(column({2, 4})));
  EXPECT_EQ(out[2].item<float>(), 2.0f) << "a fetched variable is its value from before the run";
  EXPECT_TRUE(out[3].identical(out[1]));
  EXPECT_NE(out[3].bytes(), out[1].bytes()) << "each fetch has memory of its own";
  EXPECT_TRUE(out[4].identical(column({1, 2})));
  EXPECT_EQ(out[5].item<float>(), 3.0f);
  EXPECT_EQ(session.value(w).item<float>(), 3.0f);
}

TEST_F(SessionRun, NoFetchesIsLegal) {
  Session session;
  EXPECT_TRUE(session.run(std::vector<Fetch>{}).empty());
}

TEST_F(SessionRun, FetchedMemoryIsTheCallers) {
  const Tensor w = variable({1.0f, 2.0f}, "w"), c = constant({5.0f, 6.0f});
  Session session;
  session.run(global_variables_initializer());
  for (Array a : session.run({w, c})) a.data<float>()[0] = 99;
  EXPECT_TRUE(session.run(w).identical(column({1, 2})));
  EXPECT_TRUE(session.run(c).identical(column({5, 6})));
  Array feed = column({3, 4});
  const Tensor x = placeholder(kFloat32, {2}, "x");
  Array out = session.run(x, {{x, feed}});
  out.data<float>()[0] = 99;
  EXPECT_EQ(feed.at<float>({0}), 3.0f);
}

TEST_F(SessionRun, AnyTensorMayBeFed) {
  const Tensor x = placeholder(kFloat32, {2}, "x");
  const Tensor middle = exp(x), y = middle * 2;
  Session session;
  // x is not needed then, and may be fed all the same.
  EXPECT_TRUE(session.run(y, {{middle, column({1, 2})}}).identical(column({2, 4})));
  EXPECT_TRUE(session.run(y, {{x, column({7, 7})}, {middle, column({1, 2})}}).identical(column({2, 4})));
  EXPECT_TRUE(session.run(middle, {{middle, column({1, 2})}}).identical(column({1, 2})));
  // A gradient flows on through what is fed.
  const Tensor g = gradients(square(middle), x);
  const Array through = session.run(g, {{x, column({0, 0})}, {middle, column({3, 4})}});
  EXPECT_NEAR(through.at<float>({0}), 6.0f, 1e-5);
  EXPECT_NEAR(through.at<float>({1}), 8.0f, 1e-5);
  const Tensor k = constant(3.0f);
  EXPECT_EQ(session.run(k + 1, {{k, Array::scalar(10.0f)}}).item<float>(), 11.0f);
}

TEST_F(SessionRun, FedVariableIsReadFromTheFeed) {
  const Tensor w = variable(1.0f, "w");
  const Tensor twice = w * 2, next = assign_add(w, 1);
  Session session;
  const Feeds feeds = {{w, Array::scalar(10.0f)}};
  EXPECT_EQ(session.run(twice, feeds).item<float>(), 20.0f);  // which needs no initial value
  EXPECT_FALSE(session.is_initialized(w));
  session.run(global_variables_initializer());
  EXPECT_EQ(session.run(twice, feeds).item<float>(), 20.0f);
  EXPECT_EQ(session.value(w).item<float>(), 1.0f);
  EXPECT_EQ(session.run({w, next}, feeds)[0].item<float>(), 10.0f);
  EXPECT_EQ(session.value(w).item<float>(), 11.0f);
}

TEST_F(SessionRun, RankZeroAndZeroSizedFeeds) {
  const Tensor s = placeholder(kFloat32, {}, "s"), x = placeholder(kFloat32, {"n", 3}, "x");
  Session session;
  const Feeds none = {{s, Array::scalar(2.0f)}, {x, Array(kFloat32, {0, 3})}};
  const std::vector<Array> out = session.run({x * s, reduce_sum(x), reduce_sum(x, 0), matmul(transpose(x), x)}, none);
  EXPECT_EQ(out[0].shape(), (Shape{0, 3}));
  EXPECT_EQ(out[1].item<float>(), 0.0f);
  EXPECT_TRUE(out[2].identical(Array(kFloat32, {3})));
  EXPECT_TRUE(out[3].identical(Array(kFloat32, {3, 3})));
}

TEST_F(SessionRun, TheOrderOfFeedsDoesNotMatter) {
  const Tensor a = placeholder(kFloat32, {2}, "a"), b = placeholder(kFloat32, {2}, "b");
  const Tensor y = a - b;
  Session session;
  session.run(y, {{a, column({5, 6})}, {b, column({1, 2})}});
  const int64_t compiled = session.stats().programs_compiled;
  EXPECT_TRUE(session.run(y, {{b, column({1, 2})}, {a, column({5, 6})}}).identical(column({4, 4})));
  EXPECT_EQ(session.stats().programs_compiled, compiled);
}

TEST_F(SessionRun, FeedsThatDoNotFitAreNamedWithBothTypesAndThePlace) {
  const Tensor x = placeholder(kFloat32, {3, 1}, "x");
  const Tensor y = reduce_sum(x);
  Session session;
  const auto refused = [&](const Array& given) { return error_of([&] { session.run(y, {{x, given}}); }); };
  const auto names = [](const Error& e, const char* given) {
    EXPECT_THAT(e.str(),
                AllOf(HasSubstr("'x'"), HasSubstr("f32[3,1]"), HasSubstr(given), HasSubstr("session_test.cpp")));
  };
  // Before anything was compiled, and when a program of these shapes exists.
  for (int round = 0; round < 2; ++round) {
    const Error shape = refused(Array(kFloat32, {2, 1}));
    EXPECT_EQ(shape.code, ErrorCode::kInvalidShape);
    names(shape, "f32[2,1]");
    const Error rank = refused(Array(kFloat32, {3}));
    EXPECT_EQ(rank.code, ErrorCode::kInvalidShape);
    names(rank, "f32[3]");
    const Error type = refused(Array(kInt32, {3, 1}));
    EXPECT_EQ(type.code, ErrorCode::kInvalidType);
    names(type, "i32[3,1]");
    EXPECT_EQ(session.run(y, {{x, Array::full(kFloat32, {3, 1}, 2)}}).item<float>(), 6.0f);
  }
}

TEST_F(SessionRun, MissingFeedIsNamed) {
  const Tensor x = placeholder(kFloat32, {"n", 4}, "pixels");
  const Tensor y = reduce_sum(x);
  Session session;
  const Error e = error_of([&] { session.run(y); });
  EXPECT_EQ(e.code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(e.str(), AllOf(HasSubstr("'pixels'"), HasSubstr("f32[n,4]"), HasSubstr("session_test.cpp")));
}

TEST_F(SessionRun, SizesThatContradictEachOtherNameBothFeeds) {
  const Tensor x = placeholder(kFloat32, {"n", 2}, "x"), labels = placeholder(kInt32, {"n"}, "labels");
  const Tensor y = reduce_mean(sparse_softmax_cross_entropy_with_logits({.labels = labels, .logits = x}));
  Session session;
  const Error e = error_of([&] { session.run(y, {{x, Array(kFloat32, {5, 2})}, {labels, Array(kInt32, {6})}}); });
  EXPECT_EQ(e.code, ErrorCode::kInvalidShape);
  EXPECT_THAT(e.str(), AllOf(HasSubstr("'x'"), HasSubstr("'labels'"), HasSubstr("f32[5,2]"), HasSubstr("i32[6]")));
}

TEST_F(SessionRun, TensorsOfAnotherGraphAreRefused) {
  const Tensor x = placeholder(kFloat32, {2}, "x"), w = variable(1.0f, "w");
  const Tensor y = x * 2;
  Session session;
  session.run(y, {{x, column({1, 2})}});
  Graph other;
  Tensor foreign, foreign_variable;
  {
    const Scope scope = other.as_default();
    foreign = placeholder(kFloat32, {2}, "stranger");  // the id that x has here
    foreign_variable = variable(1.0f, "w");
  }
  const auto names = [](const Error& e) {
    EXPECT_EQ(e.code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(e.str(), HasSubstr("another graph"));
  };
  names(error_of([&] { session.run(y, {{foreign, column({1, 2})}}); }));
  names(error_of([&] { session.run(foreign, {{x, column({1, 2})}}); }));
  names(error_of([&] { session.prepare({y}, {{foreign, {kFloat32, {2}}}}); }));
  names(error_of([&] { session.set_value(foreign_variable, Array::scalar(1.0f)); }));
  names(error_of([&] { session.value(foreign_variable); }));
  names(error_of([&] { (void)session.is_initialized(foreign_variable); }));
  EXPECT_EQ(error_of([&] { session.run(Tensor()); }).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_of([&] { session.run(y, {{Tensor(), column({1})}}); }).code, ErrorCode::kInvalidArgument);
  const Error twice = error_of([&] { session.run(y, {{x, column({1, 2})}, {x, column({1, 2})}}); });
  EXPECT_THAT(twice.str(), HasSubstr("'x' is fed twice"));
  const Error not_variable = error_of([&] { session.value(x); });
  EXPECT_THAT(not_variable.str(), AllOf(HasSubstr("'x'"), HasSubstr("no variable")));
}

TEST_F(SessionRun, VariablesThatAreNotInitialised) {
  const Tensor a = variable({1.0f, 2.0f}, "first"), b = variable({3.0f, 4.0f}, "second");
  const Tensor sum = a + b, next = assign_add(b, {1.0f, 1.0f}), set = assign(b, {7.0f, 8.0f});
  Session session;
  session.run(variables_initializer({a}));
  EXPECT_TRUE(session.is_initialized(a));
  EXPECT_FALSE(session.is_initialized(b));
  for (const Tensor& reader : {sum, next, b}) {
    const Error e = error_of([&] { session.run(reader); });
    EXPECT_EQ(e.code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(e.str(), AllOf(HasSubstr("'second'"), HasSubstr("f32[2]"), HasSubstr("session_test.cpp")));
  }
  EXPECT_THAT(error_of([&] { session.value(b); }).str(), HasSubstr("'second'"));
  EXPECT_FALSE(session.is_initialized(b)) << "a run that fails initialises nothing";
  session.run(set.op());
  EXPECT_TRUE(session.is_initialized(b));
  EXPECT_TRUE(session.run(sum).identical(column({8, 10})));
}

TEST_F(SessionRun, InitialValueThatNeedsAnotherVariables) {
  const Tensor a = variable(3.0f, "a");
  const Tensor b = variable(initialized_value(a) * 2, "b");
  Session session;
  session.run(global_variables_initializer());
  EXPECT_EQ(session.value(b).item<float>(), 6.0f);
}

TEST_F(SessionRun, SetValueInitialisesAndChecksTypes) {
  const Tensor w = variable({1.0f, 2.0f}, "w");
  Session session;
  const auto refused = [&](const Array& a) { return error_of([&] { session.set_value(w, a); }); };
  EXPECT_EQ(refused(Array(kFloat32, {3})).code, ErrorCode::kInvalidShape);
  EXPECT_EQ(refused(Array(kFloat64, {2})).code, ErrorCode::kInvalidType);
  EXPECT_THAT(refused(Array(kFloat32, {3})).str(), AllOf(HasSubstr("'w' f32[2]"), HasSubstr("f32[3]")));
  EXPECT_FALSE(session.is_initialized(w));
  Array given = column({5, 6});
  session.set_value(w, given);
  given.data<float>()[0] = 99;  // a copy was taken, and another is returned
  session.value(w).data<float>()[1] = 99;
  EXPECT_TRUE(session.run(w).identical(column({5, 6})));
}

TEST_F(SessionRun, SessionsOverOneGraphHaveVariablesOfTheirOwn) {
  const Tensor w = variable(1.0f, "w");
  const Tensor next = assign_add(w, 1);
  const Operation init = global_variables_initializer();
  Session one, two;
  one.run(init);
  EXPECT_FALSE(two.is_initialized(w));
  two.run(init);
  one.run(next);
  EXPECT_EQ(one.value(w).item<float>(), 2.0f);
  EXPECT_EQ(two.value(w).item<float>(), 1.0f);
}

TEST_F(SessionRun, TheGraphMayGrowBetweenRuns) {
  const Tensor x = placeholder(kFloat32, {2}, "x"), w = variable(1.0f, "w");
  Tensor y = x * w;
  Session session;
  session.run(global_variables_initializer());
  for (int i = 1; i <= 4; ++i) {
    const Tensor late = variable(static_cast<float>(i), "late");
    EXPECT_THROW(session.run(y + late, {{x, column({1, 1})}}), Exception);
    session.run(variables_initializer({late}));
    y = y + late;
  }
  EXPECT_TRUE(session.run(y, {{x, column({1, 2})}}).identical(column({11, 12})));
  EXPECT_EQ(session.value(w).item<float>(), 1.0f);
}

TEST_F(SessionRun, OutlivesTheDefaultGraphAndEveryHandle) {
  std::unique_ptr<Session> session;
  {
    const Tensor w = variable(3.0f, "w");
    assign_add(w, 1, "step");
    session = std::make_unique<Session>();
    session->run(global_variables_initializer("init"));
  }
  reset_default_graph();
  variable(99.0f, "w");
  session->run(session->graph().find_operation("step"));
  EXPECT_EQ(session->run(session->graph().tensor("w")).item<float>(), 4.0f);
  session.reset();
}

TEST_F(SessionRun, StepsAreCompiledOnceForEachSignature) {
  const Tensor x = placeholder(kFloat32, {"n"}, "x");
  const Tensor y = reduce_sum(x), z = reduce_max(x);
  Session session;
  const auto compiled = [&] { return session.stats().programs_compiled; };
  for (int round = 0; round < 3; ++round) {
    session.run(y, {{x, column({1, 2})}});
    EXPECT_EQ(compiled(), 1);
  }
  session.run(y, {{x, column({1, 2, 3})}});
  EXPECT_EQ(compiled(), 2);
  session.run({y, z}, {{x, column({1, 2, 3})}});
  EXPECT_EQ(compiled(), 3);
  // After several sizes one program serves all others, and hundreds of sizes do not pile up.
  for (int64_t n = 1; n <= 200; ++n)
    EXPECT_EQ(session.run(y, {{x, Array::full(kFloat32, {n}, 1)}}).item<float>(), static_cast<float>(n));
  EXPECT_LE(compiled(), 10);
  EXPECT_EQ(session.stats().runs, 205);
}

TEST_F(SessionRun, SubnormalsAreFlushedUnlessKeptAndTheCallersStateComesBack) {
  const Tensor x = placeholder(kFloat32, {2}, "x");
  const Tensor y = x * 0.5f;
  const Feeds feeds = {{x, column({1e-40f, 8})}};
  const unsigned before = _mm_getcsr();
  const unsigned odd = (before & ~_MM_ROUND_MASK) | _MM_ROUND_UP;
  for (const int threads : {1, 2}) {
    Session flushing({.num_threads = threads});
    Session keeping({.num_threads = threads, .fp_mode = FpMode::kKeepSubnormals});
    _mm_setcsr(odd);
    const Array flushed = flushing.run(y, feeds), kept = keeping.run(y, feeds);
    const unsigned after = _mm_getcsr();
    _mm_setcsr(before);
    // The sticky flags of what has happened are no state that decides: the host's own arithmetic sets them.
    EXPECT_EQ(after & ~_MM_EXCEPT_MASK, odd & ~_MM_EXCEPT_MASK);
    EXPECT_EQ(flushed.at<float>({0}), 0.0f);
    EXPECT_EQ(kept.at<float>({0}), 5e-41f);
    EXPECT_EQ(flushed.at<float>({1}), 4.0f);
  }
}

TEST_F(SessionRun, OptionsThatAreNoneAreErrors) {
  Session session({.target = "abacus"});
  const Error e = error_of([&] { session.run(constant(1.0f)); });
  EXPECT_THAT(e.str(), HasSubstr("abacus"));
}

}  // namespace
}  // namespace dlc
