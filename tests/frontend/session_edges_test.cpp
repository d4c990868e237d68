// Values at the edges of what users may write: infinities in rows, bounds that no axis has, sizes beyond 64 bits,
// seeds that meet, runs that fail while they draw.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "frontend/dlc.h"
#include "tests/frontend/session_testing.h"

namespace dlc {
namespace {

using ::testing::HasSubstr;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

class SessionEdges : public ::testing::Test {
 protected:
  SessionEdges() { reset_default_graph(); }
};

std::string told(const std::function<void()>& f) { return testing::error_of(f).str(); }

/// What is recognised gives no NaN that the formula as written does not give.
TEST_F(SessionEdges, SoftmaxByHandOfRowsWithInfinity) {
  const Tensor z = placeholder(kFloat32, {"n", 3}, "z");
  const Tensor e = exp(z), total = reduce_sum(e, 1, true);
  const std::vector<Fetch> by_hand = {e / total, z - log(total), softmax(z), log_softmax(z)};
  Session session;
  for (const int64_t rows : {1, 2}) {
    Array feed(kFloat32, {rows, 3});
    for (int64_t i = 0; i < rows * 3; ++i) feed.set_from_double(i, static_cast<double>(i % 3));
    feed.set_from_double(0, kInfinity);
    const std::vector<Array> out = session.run(by_hand, {{z, feed}});
    for (size_t k = 0; k < out.size(); ++k) {
      EXPECT_TRUE(std::isnan(out[k].value_as_double(0))) << k;
      for (const int64_t i : {1, 2}) EXPECT_EQ(out[k].value_as_double(i), k % 2 == 0 ? 0 : -kInfinity) << k << " " << i;
    }
  }
}

TEST_F(SessionEdges, BoundsBeyondTheAxisAreAsInPython) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min(), kMost = std::numeric_limits<int64_t>::max();
  const Tensor known = constant({0.0f, 1.0f, 2.0f, 3.0f, 4.0f}), x = placeholder(kFloat32, {"n"}, "x");
  Session session;
  for (const Tensor& t : {known, x}) {
    const std::vector<Array> out = session.run(
        {strided_slice(t, {kLeast}, {kMost}), strided_slice(t, {4}, {kLeast}, {.strides = {-1}}),
         strided_slice(t, {kMost}, {kLeast}, {.strides = {-1}}), strided_slice(t, {0}, {5}, {.strides = {kMost}}),
         strided_slice(t, {4}, {kLeast}, {.strides = {kLeast}})},
        {{x, Array::of<float>({5}, {0, 1, 2, 3, 4})}});
    EXPECT_EQ(out[0].str(), "f32[5] [0, 1, 2, 3, 4]");
    EXPECT_EQ(out[1].str(), "f32[5] [4, 3, 2, 1, 0]");
    EXPECT_EQ(out[2].str(), "f32[5] [4, 3, 2, 1, 0]");
    EXPECT_EQ(out[3].str(), "f32[1] [0]");
    EXPECT_EQ(out[4].str(), "f32[1] [4]");
  }
}

TEST_F(SessionEdges, SizesBeyond64BitsAreErrors) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(told([&] { pad(constant({1.0f, 2.0f}), {{kMost, kMost}}); }), HasSubstr("too large for 64 bits"));
  EXPECT_THAT(told([] { tile(zeros({int64_t{1} << 32, 0}), {int64_t{1} << 32, 1}); }),
              HasSubstr("too large for 64 bits"));
  EXPECT_THAT(told([&] { concat({zeros({kMost - 1, 0}), zeros({kMost - 1, 0})}, 0); }),
              HasSubstr("too large for 64 bits"));
  const Tensor x = placeholder(kFloat32, {"n"}, "x");
  const Tensor padded = pad(x, {{kMost, kMost}}, 0, "padded");
  Session session;
  EXPECT_THAT(told([&] { session.run(padded, {{x, Array(kFloat32, {5})}}); }), HasSubstr("64 bits"));
  EXPECT_THAT(told([] { size(zeros({70000, 70000}, kUInt8)); }), HasSubstr("4900000000 is no i32"));
  EXPECT_THAT(told([] { shape(zeros({3000000000}, kUInt8)); }), HasSubstr("ask for out_type i64"));
}

TEST_F(SessionEdges, AnIndexOutOfRangeIsToldAsOne) {
  const Tensor x = placeholder(kFloat32, {"n"}, "x");
  const Tensor sixth_last = x[-6], late = slice(x, {9}, {2});
  Session session;
  const Feeds feeds = {{x, Array(kFloat32, {5})}};
  EXPECT_THAT(told([&] { session.run(sixth_last, feeds); }), HasSubstr("needs 0 <= n-6, but they are 0 and -1"));
  EXPECT_THAT(told([&] { session.run(late, feeds); }), HasSubstr("needs 11 <= n, but they are 11 and 5"));
}

TEST_F(SessionEdges, SeedsThatAreGivenAreNotThoseOfOthers) {
  const Tensor a = random_uniform({100}), b = random_uniform({100}, 0, 1, kFloat32, 1);
  const Tensor c = random_uniform({100}, 0, 1, kFloat32, 2), d = random_uniform({100});
  Session session;
  const std::vector<Array> out = session.run({a, b, c, d});
  for (size_t i = 0; i < out.size(); ++i)
    for (size_t j = 0; j < i; ++j) EXPECT_FALSE(out[i].identical(out[j])) << i << " and " << j;
}

/// Where min + u (max - min) rounds up to max.
TEST_F(SessionEdges, UniformNumbersStayBelowTheirUpperEnd) {
  Session session;
  for (const double least : {1.0, 1e6}) {
    for (const DType dtype : {kFloat32, kFloat64}) {
      const Tensor u = random_uniform({100000}, least, least + 1, dtype);
      const std::vector<Array> out = session.run({reduce_max(u), reduce_min(u)});
      EXPECT_LT(out[0].value_as_double(0), least + 1);
      EXPECT_GE(out[1].value_as_double(0), least);
    }
  }
}

TEST_F(SessionEdges, AFailedRunDrawsNothing) {
  const Tensor p = placeholder(kInt32, {}, "p");
  const Tensor y = random_uniform({2}) + cast(floordiv(constant(1), p), kFloat32);
  Session session;
  const auto run = [&](int32_t value) { return session.run(y, {{p, Array::scalar(value)}}); };
  EXPECT_THAT(told([&] { run(0); }), HasSubstr("division by zero"));
  EXPECT_EQ(session.rng_state(), 0U);
  const Array first = run(1);
  EXPECT_EQ(session.rng_state(), 1U);
  EXPECT_THAT(told([&] { run(0); }), HasSubstr("division by zero"));
  const Array second = run(1);
  EXPECT_FALSE(first.identical(second));
  EXPECT_EQ(session.rng_state(), 2U);
}

/// Reads of a variable behind an assignment have no gradient: a loss made of them alone is an error, not a training
/// that does nothing.
TEST_F(SessionEdges, ALossBehindAnAssignmentHasNoGradient) {
  const Tensor w = variable(Array::full(kFloat32, {3}, 2), "w");
  const Tensor direct = reduce_sum(w * w);
  const Tensor clipped = assign(w, clip_by_value(w, -1, 1));
  Tensor behind, inner;
  {
    const Scope after = control_dependencies({clipped});
    inner = w + 1;
    behind = reduce_sum(w * w);
  }
  EXPECT_THAT(told([&] { GradientDescentOptimizer(0.1).minimize(behind); }), HasSubstr("no variable reaches the loss"));
  EXPECT_THAT(told([&] { gradients(behind, w); }), HasSubstr("reads of a variable behind an assignment"));
  EXPECT_THAT(told([&] { gradients(reduce_sum(inner * 2), w); }), HasSubstr("no y depends on 'w'"));
  // The value itself may come of the variable on another way.
  Session session;
  session.run(global_variables_initializer());
  EXPECT_EQ(session.run(gradients(direct + behind, w)).str(), "f32[3] [4, 4, 4]");
  EXPECT_EQ(session.run(gradients(behind, w, {.unconnected = Unconnected::kZeros})).str(), "f32[3] [0, 0, 0]");
}

TEST_F(SessionEdges, ZerosOfModHaveTheSignOfTheDivisor) {
  const Tensor y = 1 / mod(constant({-1.0, 1.0, -0.0, 5.0}), constant({1.0, -1.0, 1.0, -2.5}));
  EXPECT_EQ(Session().run(y).str(), "f32[4] [inf, -inf, inf, -inf]");
}

TEST_F(SessionEdges, LimitsOfNormsArePositive) {
  const Tensor x = placeholder(kFloat32, {3}, "x");
  EXPECT_THAT(told([&] { clip_by_norm(x, -1.0f); }), HasSubstr("'clip_norm' is -1, needs a number > 0"));
  EXPECT_THAT(told([&] { clip_by_global_norm({x}, 0.0f); }), HasSubstr("'clip_norm' is 0, needs a number > 0"));
}

}  // namespace
}  // namespace dlc
