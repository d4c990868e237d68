// Names, scopes, default graphs, literals, and the messages of what is refused.
#include "frontend/graph/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "frontend/graph/make_node.h"
#include "frontend/ops/ops.h"
#include "frontend/train/gradients.h"
#include "ir/printer.h"
#include "tests/frontend/run_graph.h"

namespace dlc {
namespace {

using ::testing::AllOf;
using testing::evaluate;
using testing::GraphRunner;
using ::testing::HasSubstr;
using testing::message_of;

class GraphTest : public ::testing::Test {
 protected:
  GraphTest() { reset_default_graph(); }
};

TEST_F(GraphTest, NamesAreUnique) {
  const Tensor x = placeholder(kFloat32, {2}, "x");
  EXPECT_EQ((x + x).name(), "add");
  EXPECT_EQ((x + x).name(), "add_1");
  EXPECT_EQ(add(x, x, "mine").name(), "mine");
  EXPECT_EQ(add(x, x, "mine").name(), "mine_1");
  EXPECT_EQ(add(x, x, "add_2").name(), "add_2");
  EXPECT_EQ((x + x).name(), "add_3");
  const Tensor second = unstack(x)[1];
  EXPECT_EQ(second.name(), "unstack:1");
  EXPECT_EQ(default_graph().tensor("unstack:1"), second);
  EXPECT_EQ((x * 2).node().inputs[1].node->name, "multiply/y");
}

TEST_F(GraphTest, NameScopesNest) {
  const Tensor x = placeholder(kFloat32, {2}, "x");
  {
    const Scope outer = name_scope("dense");
    EXPECT_EQ((x + x).name(), "dense/add");
    const Scope inner = name_scope("bias");
    EXPECT_EQ((x + x).name(), "dense/bias/add");
  }
  const Scope again = name_scope("dense");
  EXPECT_EQ((x + x).name(), "dense_1/add");
  EXPECT_THAT(message_of([] { const Scope s = name_scope("a b"); }),
              AllOf(HasSubstr("'a b' is no name of a scope"), HasSubstr("graph_test.cpp:")));
  EXPECT_THAT(message_of([] { const Scope s = variable_scope("a b"); }), HasSubstr("graph_test.cpp:"));
  EXPECT_THAT(message_of([&] { add(x, x, "a:b"); }), HasSubstr("'a:b' is no name of a node"));
}

TEST_F(GraphTest, DefaultGraphsAreScopedAndPerThread) {
  const Graph outside = default_graph();
  Graph g;
  {
    const Scope scope = g.as_default();
    EXPECT_EQ(default_graph(), g);
    zeros({1});
    EXPECT_THAT(message_of([] { reset_default_graph(); }), HasSubstr("leave the scope first"));
  }
  EXPECT_EQ(default_graph(), outside);
  EXPECT_EQ(g.num_nodes(), 1u);
  EXPECT_EQ(outside.num_nodes(), 0u);
  std::thread([&] { EXPECT_FALSE(default_graph() == outside); }).join();
}

TEST_F(GraphTest, TensorsOutliveReset) {
  const Tensor y = constant(2.0f) + 3;
  reset_default_graph();
  EXPECT_EQ(default_graph().num_nodes(), 0u);
  EXPECT_EQ(evaluate(y).item<float>(), 5.0f);
  EXPECT_THAT(message_of([&] { y + constant(1.0f); }), AllOf(HasSubstr("of another graph"), HasSubstr("'add'")));
}

TEST_F(GraphTest, FinalizedGraphTakesNoNode) {
  const Tensor x = zeros({1});
  Graph g = default_graph();
  g.finalize();
  EXPECT_THAT(message_of([&] { x + x; }), AllOf(HasSubstr("finalized"), HasSubstr("graph_test.cpp")));
  EXPECT_EQ(g.num_nodes(), 1u);
}

TEST_F(GraphTest, ShapeErrorNamesOperatorOperandsAndPlaces) {
  const Tensor a = placeholder(kFloat32, {3, 4}, "a"), b = placeholder(kFloat32, {5}, "b");
  const int line = __LINE__ + 1;
  const std::string message = message_of([&] { a + b; });
  EXPECT_THAT(message, HasSubstr("add 'add': shapes [3,4] and [5] do not broadcast"));
  EXPECT_THAT(message, HasSubstr("operand x: 'a' f32[3,4], made by placeholder"));
  EXPECT_THAT(message, HasSubstr("operand y: 'b' f32[5], made by placeholder"));
  EXPECT_THAT(message, HasSubstr(fmt::format("graph_test.cpp:{}", line)));
  // It left nothing behind, not even its name.
  EXPECT_EQ(default_graph().num_nodes(), 2u);
  EXPECT_EQ((a + a).name(), "add");
}

TEST_F(GraphTest, MessagesOfRefusedOperands) {
  const Tensor f = placeholder(kFloat32, {"n", 4}, "f"), i = placeholder(kInt32, {"n", 4}, "i");
  EXPECT_THAT(message_of([&] { f + i; }), AllOf(HasSubstr("f32[n,4] and i32[n,4]"), HasSubstr("cast one of them")));
  EXPECT_THAT(message_of([&] { i * 0.5; }), HasSubstr("the number 0.5 is no i32"));
  EXPECT_THAT(message_of([&] { constant({300}, kUInt8); }), HasSubstr("the number 300 is no u8"));
  EXPECT_THAT(message_of([] { fill({1}, 300, kUInt8); }), HasSubstr("'value': the number 300 is no u8"));
  EXPECT_THAT(message_of([] { range(int64_t{9007199254740993}, int64_t{9007199254740995}); }),
              AllOf(HasSubstr("9007199254740993 is beyond 2^53"), HasSubstr("graph_test.cpp:")));
  EXPECT_THAT(message_of([&] { constant({{1, 2}, {3}}); }), HasSubstr("not rectangular"));
  EXPECT_THAT(message_of([&] { exp(i); }), HasSubstr("needs f32 or f64, got i32[n,4]"));
  EXPECT_THAT(message_of([&] { pow(i, i); }), HasSubstr("operand 'x' needs f32 or f64, got i32[n,4]"));
  EXPECT_THAT(message_of([&] { matmul(f, zeros({5, 2})); }),
              AllOf(HasSubstr("matmul"), HasSubstr("inner dimensions"), HasSubstr("f32[n,4]"), HasSubstr("f32[5,2]")));
  EXPECT_THAT(message_of([&] { matmul(f, f[0]); }), HasSubstr("expand_dims"));
  EXPECT_THAT(message_of([&] { reduce_sum(f, 2); }), HasSubstr("'axis' is 2, needs -2 <= axis < 2"));
  EXPECT_THAT(message_of([&] { reduce_sum(f, {0, -2}); }), HasSubstr("names an axis twice"));
  EXPECT_THAT(message_of([&] { f[0][4]; }), HasSubstr("index 4 is out of range: axis 0 of f32[4] has 4 elements"));
  EXPECT_THAT(message_of([&] { reshape(zeros({6}), {4, -1}); }), HasSubstr("the 6 elements of f32[6]"));
  EXPECT_THAT(message_of([&] { variable(f); }), HasSubstr("a variable keeps its shape"));
  EXPECT_THAT(message_of([&] { concat({f, zeros({2, 5})}, 0); }), HasSubstr("concat of f32[n,4] and f32[2,5]"));
  EXPECT_THAT(message_of([&] { where(f, 1, 2); }), HasSubstr("operand 'condition' needs bool"));
  EXPECT_THAT(message_of([&] { dropout(f, 1.0); }), HasSubstr("'rate' is 1, needs 0 <= rate < 1"));
  EXPECT_THAT(message_of([&] { random_uniform({2}, 1, 0); }),
              HasSubstr("'minval' is 1 and 'maxval' 0, needs minval <= maxval"));
  EXPECT_THAT(message_of([&] { truncated_normal({2}, 0, -1); }), HasSubstr("'stddev' is -1, needs stddev >= 0"));
  EXPECT_THAT(message_of([&] { f + Tensor(); }), HasSubstr("an empty Tensor"));
  EXPECT_THAT(message_of([&] { Tensor() + f; }),
              AllOf(HasSubstr("'x' is an empty Tensor"), HasSubstr("graph_test.cpp:")));
  EXPECT_THAT(message_of([] { concat({}, 0); }), AllOf(HasSubstr("at least one value"), HasSubstr("graph_test.cpp:")));
  EXPECT_THAT(message_of([] { stack({}, 0); }), AllOf(HasSubstr("at least one value"), HasSubstr("graph_test.cpp:")));
  EXPECT_THAT(message_of([] { add_n({}); }), AllOf(HasSubstr("at least one operand"), HasSubstr("graph_test.cpp:")));
  // Of the IR's operators neither the name nor the number of the rule is seen.
  EXPECT_THAT(message_of([&] { exp(i); }), HasSubstr("exp 'exp': operand 'x' needs"));
  EXPECT_THAT(message_of([] { reshape(zeros({2}), {3}); }), HasSubstr("reshape 'reshape': reshape of f32[2] to [3]"));
  EXPECT_THAT(message_of([&] { make_node(default_graph(), "nothing", {}, {}, {}, {}); }),
              HasSubstr("there is no operator 'nothing'"));
  EXPECT_THAT(message_of([&] { make_node(default_graph(), "cast", {f}, {{"dtype", int64_t{1}}}, {}, {}); }),
              HasSubstr("attribute 'dtype' needs dtype, got int 1"));
  EXPECT_THAT(message_of([&] { default_graph().tensor("g"); }), HasSubstr("there is no node 'g'"));
  EXPECT_THAT(message_of([&] { softmax_cross_entropy_with_logits({.labels = i, .logits = f}); }),
              HasSubstr("sparse_softmax_cross_entropy_with_logits"));
}

TEST_F(GraphTest, LiteralsTakeTheOtherOperandsType) {
  EXPECT_EQ((placeholder(kFloat64, {}) * 3).dtype(), kFloat64);
  EXPECT_EQ((2 - placeholder(kUInt8, {})).dtype(), kUInt8);
  EXPECT_EQ(add(1, 2.5).dtype(), kFloat32);
  EXPECT_EQ(constant(1).dtype(), kInt32);
  EXPECT_EQ(constant(int64_t{1}).dtype(), kInt64);
  EXPECT_EQ(constant(true).dtype(), kBool);
  EXPECT_EQ(gather(placeholder(kFloat64, {3}), 1).dtype(), kFloat64);
}

TEST_F(GraphTest, PlaceholderDimensions) {
  const Tensor x = placeholder(kFloat32, {"n", 784, -1, "2*n"}, "x");
  EXPECT_EQ(x.dims()[0], ir::Dim::symbol("n"));
  EXPECT_EQ(x.dims()[3], 2 * ir::Dim::symbol("n"));
  const Tensor y = placeholder(kFloat32, {"?"}, "y");
  EXPECT_FALSE(x.dims()[2] == y.dims()[0]);
  EXPECT_THAT(message_of([] { placeholder(kFloat32, {-2}); }), HasSubstr("-2 is no dimension"));
}

TEST_F(GraphTest, OnlyWhatIsNeededIsLowered) {
  const Tensor x = placeholder(kFloat32, {"n"}, "x"), unused = placeholder(kFloat32, {}, "unused");
  variable(1.0f, "w");
  exp(unused);
  const auto f = value_or_throw(lower(default_graph(), {x * 2}, {x}));
  EXPECT_EQ(f->num_params(), 1);
  EXPECT_EQ(f->num_results(), 1);
  EXPECT_EQ(f->param(0).op->provenance().node(), "x");
}

TEST_F(GraphTest, UnfedPlaceholderIsNamed) {
  const Tensor x = placeholder(kFloat32, {"n", 3}, "x");
  const auto f = lower(default_graph(), {x + 1}, {});
  ASSERT_FALSE(f);
  EXPECT_THAT(f.error().str(), AllOf(HasSubstr("placeholder 'x' f32[n,3]"), HasSubstr("graph_test.cpp")));
}

TEST_F(GraphTest, AnyTensorMayBeFed) {
  const Tensor x = placeholder(kFloat32, {}, "x");
  const Tensor h = x * 2;
  const Tensor y = h + 1;
  EXPECT_EQ(evaluate(y, {{h, Array::scalar(10.0f)}}).item<float>(), 11.0f);  // x is not needed
  EXPECT_THAT(lower(default_graph(), {y}, {x, x}).error().str(), HasSubstr("'x' is fed twice"));
}

TEST_F(GraphTest, UndeterminedDimensionIsNamed) {
  placeholder(kFloat32, {"n"}, "x");
  const auto f = lower(default_graph(), {zeros({"n"}, kFloat32, "z")}, {});
  ASSERT_FALSE(f);
  EXPECT_THAT(f.error().str(), AllOf(HasSubstr("'z'"), HasSubstr("dimension n")));
}

TEST_F(GraphTest, ShapesComputedInTheGraph) {
  const Tensor x = placeholder(kFloat32, {"n", 2}, "x");
  const Tensor flat = reshape(x, stack({shape(x)[0] * 2}));
  EXPECT_EQ(flat.dims()[0], 2 * ir::Dim::symbol("n"));
  EXPECT_EQ(evaluate(flat, {{x, Array::of<float>({1, 2}, {5, 6})}}).shape(), (Shape{2}));
}

TEST_F(GraphTest, DeepAndWideGraphsAreNearLinear) {
  using Clock = std::chrono::steady_clock;
  const auto seconds = [](int nodes) {
    reset_default_graph();
    const auto start = Clock::now();
    Tensor x = placeholder(kFloat32, {"n"}, "x");
    for (int i = 0; i < nodes / 2; ++i) x = x * 1.5f;  // each with its constant
    const Tensor g = gradients(x, default_graph().tensor("x"));
    EXPECT_TRUE(lower(default_graph(), {x, g}, {default_graph().tensor("x")}).has_value());
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  const double small = std::max(seconds(2000), 1e-3), large = seconds(20000);
  EXPECT_LT(large, 40 * small);
  EXPECT_LT(large, 10.0);
}

TEST_F(GraphTest, TenThousandResetsLeakNothing) {
  const auto resident_pages = [] {
    std::ifstream statm("/proc/self/statm");
    int64_t total = 0, resident = 0;
    statm >> total >> resident;
    return resident;
  };
  const auto cycle = [] {
    reset_default_graph();
    const Tensor w = variable(zeros({10}), "w");
    gradients(reduce_sum(square(w)), w);
  };
  for (int i = 0; i < 1000; ++i) cycle();
  const int64_t before = resident_pages();
  for (int i = 0; i < 10000; ++i) cycle();
  // 2 MB; a leak of one graph each would be a hundred. (Sanitizers keep freed memory back, and have a
  // leak checker of their own.)
#ifdef DLC_SANITIZED
  static_cast<void>(before);
#else
  EXPECT_LT(resident_pages() - before, 500);
#endif
}

}  // namespace
}  // namespace dlc
