// Graph files: text to graph and back.
#include "frontend/graph/graph_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "frontend/ops/ops.h"
#include "frontend/train/gradients.h"
#include "frontend/train/optimizer.h"
#include "tests/frontend/graphs_equal.h"
#include "tests/frontend/run_graph.h"

namespace dlc {
namespace {

using testing::GraphRunner;
using testing::graphs_differ;
using ::testing::HasSubstr;

Graph graph_of(const std::string& text) {
  Expected<Graph> g = parse_graph(text, "test.dlc");
  if (!g) throw Exception(g.error());
  return *g;
}

/// print() of what the text says.
std::string printed(const std::string& text) { return print(graph_of(text)); }

/// The graph comes back from its text, and the text from that.
void expect_round_trip(const Graph& g) {
  const std::string text = print(g);
  const Expected<Graph> again = parse_graph(text, "printed.dlc");
  ASSERT_TRUE(again) << again.error().str() << "\n" << text;
  EXPECT_EQ(graphs_differ(g, *again), "") << text;
  EXPECT_EQ(print(*again), text);
}

class GraphFile : public ::testing::Test {
 protected:
  GraphFile() { reset_default_graph(); }
};

TEST_F(GraphFile, OneStatementIsOneNode) {
  const Graph g = graph_of(
      "# softmax regression\n"
      "x      = placeholder(f32[n, 784])\n"
      "W      = variable(glorot_uniform(f32[784, 10], seed=1))  # with a comment\n"
      "b      = variable(zeros(f32[10]))\n"
      "logits = matmul(x, W) + b\n");
  EXPECT_EQ(g.tensor("x").type().str(), "f32[n,784]");
  EXPECT_EQ(g.tensor("logits").type().str(), "f32[n,10]");
  EXPECT_TRUE(g.tensor("logits").node().is("add"));
  EXPECT_EQ(g.tensor("matmul").node().loc, SourceLoc("test.dlc", 5, 10));
  EXPECT_EQ(g.tensor("logits").node().loc, SourceLoc("test.dlc", 5, 23));
  EXPECT_EQ(print(g),
            "x = placeholder(f32[n, 784])\n"
            "glorot_uniform = glorot_uniform(f32[784, 10], seed=1)\n"
            "W = variable(glorot_uniform)\n"
            "zeros = zeros(f32[10])\n"
            "b = variable(zeros)\n"
            "matmul = matmul(x, W)\n"
            "logits = matmul + b\n");
  expect_round_trip(g);
}

TEST_F(GraphFile, InfixBindsAsInCpp) {
  const std::string head = "a = placeholder(f32[])\nb = placeholder(f32[])\nc = placeholder(i32[])\n";
  const auto last = [&](const std::string& text) {
    const std::string all = printed(head + text);
    size_t at = 0;
    for (int i = 0; i < 3; ++i) at = all.find('\n', at) + 1;
    return all.substr(at);
  };
  EXPECT_EQ(last("y = a + b * a"), "multiply = b * a\ny = a + multiply\n");
  EXPECT_EQ(last("y = a - b - a"), "subtract = a - b\ny = subtract - a\n");
  EXPECT_EQ(last("y = (a + b) * a"), "add = a + b\ny = add * a\n");
  EXPECT_EQ(last("y = -a ** 2"), "pow = a ** 2.0\ny = -pow\n");
  EXPECT_EQ(last("y = a ** b ** a"), "pow = b ** a\ny = a ** pow\n");
  EXPECT_EQ(last("y = a < b + 1"), "add = b + 1.0\ny = a < add\n");
  EXPECT_EQ(last("y = a < b & b <= a | a != b"),
            "less = a < b\nless_equal = b <= a\nbitwise_and = less & less_equal\nnot_equal = a != b\n"
            "y = bitwise_and | not_equal\n");
  EXPECT_EQ(last("y = ~c % 3 ^ 1"), "bitwise_not = ~c\nmod = bitwise_not % 3\ny = mod ^ 1\n");
  EXPECT_EQ(last("y = 2 - -3 * a"), "multiply = -3.0 * a\ny = 2.0 - multiply\n");
  EXPECT_EQ(last("y = pow(-2, a)"), "y = pow(-2.0, a)\n");
}

TEST_F(GraphFile, ArgumentsByPlaceAndByName) {
  const Graph g = graph_of(
      "x = placeholder(f32[4, 3])\n"
      "y = matmul(x, x, transpose_b=true)\n"
      "z = reduce_sum(x, [0, 1], keepdims=true)\n"
      "s = softmax(axis=0, x=x)\n"
      "r = reshape(x, [2, -1])\n"
      "c = concat([x, x], axis=1)\n"
      "i = x[1][-1]\n"
      "u = x\n"
      "k = 3\n"
      "l = [[1, 2.5]]\n"
      "f = fill(f64[2], value=3)\n"
      "t = cast(x, i64)\n");
  EXPECT_THAT(print(g), HasSubstr("r = reshape(x, [2, -1])\n"));
  EXPECT_THAT(print(g), HasSubstr("t = cast(x, i64)\n"));
  EXPECT_EQ(g.tensor("y").type().str(), "f32[4,4]");
  EXPECT_EQ(g.tensor("z").type().str(), "f32[1,1]");
  EXPECT_EQ(g.tensor("r").type().str(), "f32[2,6]");
  EXPECT_EQ(g.tensor("c").type().str(), "f32[4,6]");
  EXPECT_EQ(g.tensor("i").type().str(), "f32[]");
  EXPECT_TRUE(g.tensor("u").node().is("identity"));
  EXPECT_EQ(g.tensor("k").type().str(), "i32[]");
  EXPECT_EQ(g.tensor("l").type().str(), "f32[1,2]");
  EXPECT_EQ(g.tensor("f").type().str(), "f64[2]");
  EXPECT_EQ(g.tensor("t").type().str(), "i64[4,3]");
  expect_round_trip(g);
}

TEST_F(GraphFile, SeveralOutputs) {
  const Graph g = graph_of(
      "x = placeholder(f32[4])\n"
      "a, b = split(x, 2)\n"
      "c = a + a:1\n"
      "mean, variance = moments(x)\n");
  EXPECT_EQ(g.find_operation("a").num_outputs(), 2);
  EXPECT_TRUE(g.tensor("b").node().is("identity"));
  EXPECT_EQ(g.tensor("b").node().inputs[0], (Port{&g.tensor("a").node(), 1}));
  EXPECT_THAT(print(g), HasSubstr("b = identity(a:1)\n"));
  EXPECT_THAT(print(g), HasSubstr("c = a + a:1\n"));
  expect_round_trip(g);
}

TEST_F(GraphFile, NamesOfNestedNodesKeepClearOfTheOthers) {
  const Graph g = graph_of(
      "x = placeholder(f32[2, 2])\n"
      "y = relu(matmul(relu(x), x))\n"
      "matmul = relu(x)\n");
  EXPECT_TRUE(g.tensor("matmul").node().is("relu"));
  EXPECT_TRUE(g.tensor("matmul_1").node().is("matmul"));
  expect_round_trip(g);
}

TEST_F(GraphFile, UnknownSizesAreSymbolsOfTheirOwn) {
  const Graph g = graph_of(
      "a = placeholder(f32[?, 3])\n"
      "b = placeholder(f32[?])\n"
      "c = zeros(f32[_1, 2 * n + 1])\n");
  EXPECT_EQ(g.tensor("a").type().str(), "f32[_1,3]");
  EXPECT_EQ(g.tensor("b").type().str(), "f32[_2]");
  EXPECT_EQ(print(g), "a = placeholder(f32[?, 3])\nb = placeholder(f32[?])\nc = zeros(f32[_1, 2*n+1])\n");
  expect_round_trip(g);
  Graph more = g;
  EXPECT_EQ(more.fresh_symbol(), "_3");
}

TEST_F(GraphFile, ScopesAndControlDependencies) {
  const Graph g = graph_of(
      "w = variable(1.0)\n"
      "name_scope(\"layer\") {\n"
      "  w = variable(2.0)\n"
      "  name_scope(\"inner\") {\n"
      "    y = w * 3\n"
      "  }\n"
      "}\n"
      "update = assign(w, 5)\n"
      "control_dependencies([update]) {\n"
      "  after = identity(w)\n"
      "}\n"
      "too = identity(w, control_inputs=[update, `layer/inner/y`])\n"
      "all = group([update, too])\n");
  EXPECT_EQ(g.tensor("layer/inner/y").node().inputs[0].node->name, "layer/w");
  EXPECT_EQ(print(g),
            "w = variable(1.0)\n"
            "`layer/w` = variable(2.0)\n"
            "`layer/inner/y` = `layer/w` * 3.0\n"
            "update = assign(w, 5.0)\n"
            "after = identity(w, control_inputs=[update])\n"
            "too = identity(w, control_inputs=[update, `layer/inner/y`])\n"
            "all = group([update, too])\n");
  expect_round_trip(g);
  // A scope of that name is there already, for who builds on.
  const Scope scope = g.as_default();
  const Scope layer = name_scope("layer");
  EXPECT_EQ(g.name_scope_prefix(), "layer_1/");
}

TEST_F(GraphFile, TheByteOrderMarkOfUtf8IsNoText) {
  EXPECT_EQ(print(graph_of("\xEF\xBB\xBFx = placeholder(f32[2])\n")), "x = placeholder(f32[2])\n");
}

TEST_F(GraphFile, SeedsPrintAndParse) {
  const Graph g = graph_of(
      "set_random_seed(7)\n"
      "a = random_normal(f32[3])\n"
      "b = dropout(a, 0.5, seed=41)\n"
      "c = random_uniform(f32[3], graph_seed=0)\n");
  EXPECT_EQ(print(g),
            "set_random_seed(7)\n"
            "a = random_normal(f32[3], seed=-1)\n"
            "b = dropout(a, rate=0.5, seed=41)\n"
            "c = random_uniform(f32[3], seed=-2, graph_seed=0)\n");
  expect_round_trip(g);
  const Scope scope = g.as_default();
  EXPECT_EQ(*random_normal({2}).node().find_attr<int64_t>("seed"), -3);
  const Graph again = graph_of(print(g));
  const Scope other = again.as_default();
  EXPECT_EQ(*random_normal({2}).node().find_attr<int64_t>("seed"), -4) << "those of the file are not met again";
}

TEST_F(GraphFile, ConstantsAreExact) {
  const float inf = std::numeric_limits<float>::infinity();
  constant({0.1f, -0.0f, 1e-45f, 3.4028235e38f, inf, -inf, std::nanf("")}, "f");
  constant(Array::scalar(0.1), "d");
  constant(Array::scalar(static_cast<double>(0.1f)), "e");
  constant(Array::scalar<int64_t>(std::numeric_limits<int64_t>::min()), "i");
  constant(Array::scalar<int32_t>(std::numeric_limits<int32_t>::min()), "j");
  constant(Array::scalar<uint64_t>(std::numeric_limits<uint64_t>::max()), "u");
  constant(Array::of<uint8_t>({2, 1}, {0, 255}), "b");
  constant(Array::of<bool>({2}, {true, false}), "t");
  constant(Array(kFloat32, {0, 3}), "none");
  constant(Array(kInt32, {0}), "empty");
  constant(Array::of<float>({1}, {-std::nanf("")}), "odd");
  constant(Array(kFloat64, {5, 13}), "large");
  EXPECT_THAT(print(default_graph()),
              ::testing::StartsWith("f = constant([0.1, -0.0, 1e-45, 3.4028235e+38, inf, -inf, nan])\n"
                                    "d = constant(0.1, f64)\n"
                                    "e = constant(0.10000000149011612, f64)\n"
                                    "i = constant(-9223372036854775808)\n"
                                    "j = constant(-2147483648)\n"
                                    "u = constant(u64[], \"ffffffffffffffff\")\n"
                                    "b = constant([[0], [255]], u8)\n"
                                    "t = constant([true, false])\n"
                                    "none = constant(f32[0, 3])\n"
                                    "empty = constant([], i32)\n"
                                    "odd = constant(f32[1], \"0000c0ff\")\n"
                                    "large = constant(f64[5, 13], \"00"));
  expect_round_trip(default_graph());
}

TEST_F(GraphFile, LiteralOperandsAreLiteralsOnlyWhereTheyComeBack) {
  const Tensor x = placeholder(kFloat64, {2}, "x");
  (void)(x * 3);                    // f64 because of x
  (void)(2 + constant(1.5f, "h"));  // f32
  add(Array::scalar<int32_t>(1), Array::scalar<int32_t>(2), "sum");
  add(Array::scalar<int64_t>(1), Array::scalar<int64_t>(2), "wide");
  where({true, false}, x, 0, "choice");
  const Tensor y = constant(Array::scalar(4.0), "late/y");  // not the constant of 'late', though it is named so
  (void)(x + 1);
  add(x, y, "late");
  const std::string text = print(default_graph());
  EXPECT_THAT(text, HasSubstr("multiply = x * 3.0\n"));
  EXPECT_THAT(text, HasSubstr("sum = 1 + 2\n"));
  EXPECT_THAT(text, HasSubstr("`wide/x` = constant(1, i64)\n"));
  EXPECT_THAT(text, HasSubstr("choice = where([true, false], x, 0.0)\n"));
  EXPECT_THAT(text, HasSubstr("late = x + `late/y`\n"));
  expect_round_trip(default_graph());
}

TEST_F(GraphFile, OptimisersAreFunctions) {
  for (const char* optimiser :
       {"gradient_descent(cost, 0.01)", "momentum(cost, learning_rate=0.01, momentum=0.9, use_nesterov=true)",
        "adam(cost)", "adam(cost, learning_rate=rate, beta1=0.8, variables=[w], global_step=step)"}) {
    const Graph g = graph_of(
        "w = variable(0.0)\n"
        "rate = placeholder(f32[])\n"
        "step = variable(0, trainable=false)\n"
        "cost = w ** 2 - 10 * w + 25\n"
        "train = " +
        std::string(optimiser) + "\n");
    EXPECT_TRUE(g.find_operation("train").node().is("group")) << print(g);
    expect_round_trip(g);
  }
  // Also under a name that one of the nodes on the way has by default.
  const Graph g = graph_of("w = variable(0.0)\ngradients = adam(w * w)\n");
  EXPECT_TRUE(g.find_operation("gradients").node().is("group")) << print(g);
  expect_round_trip(g);
}

TEST_F(GraphFile, TrainsAsTheSameProgramInCpp) {
  const Tensor w = variable(0.0f, "w");
  const Tensor cost = pow(w, 2) - 10 * w + 25;
  const Operation train = GradientDescentOptimizer(0.01).minimize(cost, {.name = "train"});
  Expected<Graph> read = read_graph_file(DLC_SOURCE_DIR "/examples/scalar.dlc");
  ASSERT_TRUE(read) << read.error().str();
  GraphRunner in_cpp, from_file;
  in_cpp.run({global_variables_initializer()});
  from_file.run({global_variables_initializer(*read)});
  for (int i = 0; i < 100; ++i) {
    in_cpp.run({train});
    from_file.run({read->find_operation("train")});
  }
  EXPECT_TRUE(from_file.variables.at("w").identical(in_cpp.variables.at("w")));
  EXPECT_NEAR(from_file.variables.at("w").item<float>(), 5 * (1 - std::pow(0.98, 100)), 1e-5);
}

TEST_F(GraphFile, GradientsSayWhetherZerosWereAskedFor) {
  const Graph g = graph_of(
      "x = placeholder(f32[2])\n"
      "z = placeholder(f32[2])\n"
      "y = x ** 2\n"
      "gx, gz = gradients(y, [x, z], unconnected=\"zeros\")\n"
      "gg = gradients([gx], [x], grad_ys=[z], stop_gradients=[z])\n");
  EXPECT_THAT(print(g), HasSubstr("gx = gradients([y], [x, z], unconnected=\"zeros\")\n"));
  EXPECT_THAT(print(g), HasSubstr("gg = gradients([gx], [x], grad_ys=[z], stop_gradients=[z])\n"));
  expect_round_trip(g);
  const Expected<Graph> without =
      parse_graph("x = placeholder(f32[2])\nz = placeholder(f32[2])\ng = gradients(x, z)\n");
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().str(), HasSubstr("no y depends on 'z' f32[2]"));
}

TEST_F(GraphFile, GraphsOfCppComeBack) {
  const Tensor x = placeholder(kFloat32, {"n", kUnknown, 3}, "x");
  const Tensor mask = placeholder(kBool, {"n"}, "mask");
  Tensor h;
  {
    const Scope scope = name_scope("block");
    const Tensor w = get_variable("w", {3, 4}, glorot_uniform(5));
    h = relu(matmul(x, w) * 0.5f + 1);
    h = dropout(h, 0.1);
  }
  const std::vector<Tensor> parts = split(h, 2, -1);
  const Tensor y = reduce_mean(parts[0] / parts[1], {0, -1}, true, "odd-name.1");
  const Operation step = MomentumOptimizer(0.1, 0.9).minimize(reduce_sum(y));
  {
    const Scope after = control_dependencies({step});
    identity(y, "true");
    no_op("f32");
  }
  where(mask, Array::of<float>({1}, {7}), 2.0f);
  group({step, h}, "0");
  const Operation init = global_variables_initializer();
  expect_round_trip(default_graph());
  const std::string text = print(default_graph());
  EXPECT_THAT(text, HasSubstr("`true` = identity("));
  EXPECT_THAT(text, HasSubstr("`f32` = no_op(control_inputs=[`Momentum/train`])"));
  EXPECT_THAT(text, HasSubstr("`odd-name.1` = reduce_mean("));
  EXPECT_THAT(text, HasSubstr("`0` = group("));
}

TEST_F(GraphFile, LargeConstantsLieBesideTheFile) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "graph_file_test";
  std::filesystem::create_directories(folder);
  const std::filesystem::path path = folder / "model.dlc";
  Array weights(kFloat32, {8, 9});
  for (int64_t i = 0; i < 72; ++i) weights.set_from_double(i, static_cast<double>(i) / 7);
  const Tensor x = placeholder(kFloat32, {"n", 8}, "x");
  matmul(x, weights, {.name = "y"});
  const Graph g = default_graph();
  ASSERT_TRUE(write_graph_file(g, path));
  EXPECT_TRUE(std::filesystem::exists(folder / "model.dlc.safetensors"));
  const Expected<Graph> again = read_graph_file(path);
  ASSERT_TRUE(again) << again.error().str();
  EXPECT_EQ(graphs_differ(g, *again), "");
  NamedArrays stored;
  EXPECT_THAT(print(g, &stored), HasSubstr("`y/b` = stored_constant(f32[8, 9])\n"));
  ASSERT_EQ(stored.size(), 1u);

  // Another file of constants under that name is noticed.
  weights.set_from_double(3, 0);
  reset_default_graph();
  constant(weights, "y/b");
  ASSERT_TRUE(write_graph_file(default_graph(), folder / "other.dlc"));
  std::filesystem::rename(folder / "other.dlc.safetensors", folder / "model.dlc.safetensors");
  const Expected<Graph> mixed = read_graph_file(path);
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code, ErrorCode::kData);
  EXPECT_THAT(mixed.error().message, HasSubstr("does not belong to this graph file"));

  std::ofstream(path) << "constants_file(\"../secret.safetensors\")\n";
  const Expected<Graph> elsewhere = read_graph_file(path);
  ASSERT_FALSE(elsewhere);
  EXPECT_THAT(elsewhere.error().message, HasSubstr("named without a folder"));
  EXPECT_EQ(read_graph_file(folder / "none.dlc").error().code, ErrorCode::kNotFound);
}

TEST_F(GraphFile, ExamplesRoundTrip) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(DLC_SOURCE_DIR "/examples")) {
    if (entry.path().extension() != ".dlc") continue;
    ++count;
    const Expected<Graph> g = read_graph_file(entry.path());
    ASSERT_TRUE(g) << g.error().str();
    EXPECT_TRUE(g->find_operation("train")) << entry.path();
    expect_round_trip(*g);
  }
  EXPECT_GE(count, 3);
}

TEST_F(GraphFile, WhatTheFuzzerMutatesRoundTrips) {
  const Expected<Graph> g = read_graph_file(DLC_SOURCE_DIR "/tests/fuzz/corpus/graph_file/everything.dlc");
  ASSERT_TRUE(g) << g.error().str();
  expect_round_trip(*g);
}

/// Every ```dlc block of the manual is a graph, every ```dlc-printed one what the block before it prints as.
TEST_F(GraphFile, ExamplesOfTheManual) {
  std::ifstream file(DLC_SOURCE_DIR "/docs/graph_file.md");
  std::string line, block, last, fence;
  int graphs = 0, prints = 0;
  while (std::getline(file, line)) {
    if (fence.empty()) {
      if (line == "```dlc" || line == "```dlc-printed") fence = line, block.clear();
      continue;
    }
    if (line != "```") {
      block += line + "\n";
      continue;
    }
    if (fence == "```dlc") {
      const Expected<Graph> g = parse_graph(block, "graph_file.md");
      ASSERT_TRUE(g) << g.error().str();
      expect_round_trip(*g);
      last = print(*g);
      ++graphs;
    } else {
      EXPECT_EQ(last, block);
      ++prints;
    }
    fence.clear();
  }
  EXPECT_GE(graphs, 3);
  EXPECT_GE(prints, 1);
}

}  // namespace
}  // namespace dlc
