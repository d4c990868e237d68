// REQUIREMENTS A1 and A2: one test a row, named after its id. Numbers are the rows'.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "frontend/dlc.h"

namespace dlc {
namespace {

using ::testing::HasSubstr;

class Lecture : public ::testing::Test {
 protected:
  void SetUp() override { reset_default_graph(); }
};

template <typename F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const Exception& e) {
    return e.what();
  }
  return "(nothing was thrown)";
}

Array column(std::vector<float> values) {
  const int64_t n = static_cast<int64_t>(values.size());
  return Array::of<float>({n, 1}, values);
}

TEST_F(Lecture, S1_VariableHasTypeAndInitialValue) {
  const Tensor w = variable(0.0f, "w");
  EXPECT_EQ(w.dtype(), kFloat32);
  EXPECT_EQ(w.rank(), 0);
  EXPECT_THAT(message_of([&] { add(w, constant(1, kInt32)); }), HasSubstr("f32"));
}

TEST_F(Lecture, S2_BothSpellingsAgree) {
  const Tensor w = variable(Literal(0.7), "w", {.dtype = kFloat64});
  const Tensor nested = add(add(square(w), multiply(-10.0, w)), 25.0);
  const Tensor infix = pow(w, 2) - 10 * w + 25;
  Session session;
  session.run(global_variables_initializer());
  const std::vector<Array> values = session.run({nested, infix, gradients(nested, w), gradients(infix, w)});
  EXPECT_EQ(values[0].item<double>(), values[1].item<double>());
  // The terms of the derivative are summed in another order: within rounding.
  EXPECT_DOUBLE_EQ(values[2].item<double>(), values[3].item<double>());
  EXPECT_NEAR(values[0].item<double>(), (0.7 - 5) * (0.7 - 5), 1e-12);
}

TEST_F(Lecture, S3_OneStepOfGradientDescent) {
  const Tensor w = variable(0.0f, "w");
  const Tensor v = variable(Literal(0.0), "v", {.dtype = kFloat64});
  const Operation train_w = GradientDescentOptimizer(0.01).minimize(pow(w, 2) - 10 * w + 25, {.variables = {w}});
  const Operation train_v = GradientDescentOptimizer(0.01).minimize(pow(v, 2) - 10 * v + 25, {.variables = {v}});
  Session session;
  session.run(global_variables_initializer());
  session.run({train_w, train_v});
  EXPECT_NEAR(session.run(w).item<float>(), 0.1f, 1e-8);
  EXPECT_DOUBLE_EQ(session.run(v).item<double>(), 0.1);
}

TEST_F(Lecture, S4_UninitialisedVariableIsNamed) {
  const Tensor w = variable(0.0f, "w");
  Session session;
  const std::string message = message_of([&] { session.run(w + 1); });
  EXPECT_THAT(message, HasSubstr("'w'"));
  EXPECT_THAT(message, HasSubstr("run the initializer"));
}

TEST_F(Lecture, S5_ZeroBeforeTraining) {
  const Tensor w = variable(0.0f, "w");
  Session session;
  session.run(global_variables_initializer());
  EXPECT_EQ(session.run(w).item<float>(), 0.0f);
}

TEST_F(Lecture, S6_AThousandAndOneSteps) {
  const Tensor w = variable(0.0f, "w");
  const Tensor v = variable(Literal(0.0), "v", {.dtype = kFloat64});
  const Operation train = group({GradientDescentOptimizer(0.01).minimize(pow(w, 2) - 10 * w + 25, {.variables = {w}}),
                                 GradientDescentOptimizer(0.01).minimize(pow(v, 2) - 10 * v + 25, {.variables = {v}})});
  Session session;
  session.run(global_variables_initializer());
  for (int i = 0; i < 1001; ++i) session.run(train);
  EXPECT_NEAR(session.run(v).item<double>(), 4.99999999175346, 1e-13);
  EXPECT_NEAR(session.run(w).item<float>(), 5.0f, 2e-5);
}

TEST_F(Lecture, S7_PlaceholderMustBeFedAndFit) {
  const Tensor x = placeholder(kFloat32, {3, 1}, "x");
  const Tensor y = reduce_sum(x);
  Session session;
  EXPECT_THAT(message_of([&] { session.run(y); }), HasSubstr("'x'"));
  const std::string shape = message_of([&] { session.run(y, {{x, column({1, 2})}}); });
  EXPECT_THAT(shape, HasSubstr("'x'"));
  EXPECT_THAT(shape, HasSubstr("f32[3,1]"));
  EXPECT_THAT(shape, HasSubstr("[2,1]"));
  const std::string type = message_of([&] { session.run(y, {{x, Array(kInt32, {3, 1})}}); });
  EXPECT_THAT(type, HasSubstr("'x'"));
  EXPECT_THAT(type, HasSubstr("f32[3,1]"));
  EXPECT_THAT(type, HasSubstr("i32[3,1]"));
}

TEST_F(Lecture, S8_TheFedProgramMakesTheSameSteps) {
  const Tensor x = placeholder(kFloat64, {3, 1}, "x");
  const Tensor w = variable(Literal(0.0), "w", {.dtype = kFloat64});
  const Tensor v = variable(Literal(0.0), "v", {.dtype = kFloat64});
  const Tensor fed_cost = x[0][0] * pow(w, 2) + x[1][0] * w + x[2][0];
  const Operation fed = GradientDescentOptimizer(0.01).minimize(fed_cost, {.variables = {w}});
  const Operation fixed = GradientDescentOptimizer(0.01).minimize(pow(v, 2) - 10 * v + 25, {.variables = {v}});
  const Array coefficients = Array::of<double>({3, 1}, {1, -10, 25});
  Session session;
  session.run(global_variables_initializer());
  for (int i = 0; i < 1001; ++i) {
    session.run(fed, {{x, coefficients}});
    session.run(fixed);
    ASSERT_EQ(session.run(w).item<double>(), session.run(v).item<double>()) << "step " << i;
  }
}

TEST_F(Lecture, S9_AnotherProblemWithoutRecompiling) {
  const Tensor x = placeholder(kFloat32, {3, 1}, "x");
  const Tensor w = variable(0.0f, "w");
  const Operation train = GradientDescentOptimizer(0.01).minimize(x[0][0] * pow(w, 2) + x[1][0] * w + x[2][0]);
  const Operation init = global_variables_initializer();
  Session session;
  session.run(init);
  session.run(train, {{x, column({1, -10, 25})}});
  session.run(w);
  const int64_t compiled = session.stats().programs_compiled;
  session.run(init);
  for (int i = 0; i < 2000; ++i) session.run(train, {{x, column({1, -20, 100})}});
  EXPECT_NEAR(session.run(w).item<float>(), 10.0f, 1e-4);
  EXPECT_EQ(session.stats().programs_compiled, compiled);
}

TEST_F(Lecture, S10_IndexingTwiceIsDifferentiable) {
  const Tensor x = placeholder(kFloat64, {3, 1}, "x");
  const Tensor w = variable(Literal(0.5), "w", {.dtype = kFloat64});
  const Tensor cost = x[0][0] * pow(w, 2) + x[1][0] * w + x[2][0];
  const std::vector<Tensor> g = gradients(cost, {x, w});
  const Feeds feeds = {{x, Array::of<double>({3, 1}, {1, -10, 25})}};
  for (const int threads : {1, 2, 4}) {
    Session session({.num_threads = threads});
    session.run(global_variables_initializer());
    const std::vector<Array> out = session.run({cost, g[0], g[1]}, feeds);
    EXPECT_EQ(out[0].item<double>(), 20.25);
    EXPECT_TRUE(out[1].identical(Array::of<double>({3, 1}, {0.25, 0.5, 1}))) << out[1].str();
    EXPECT_EQ(out[2].item<double>(), -9.0);
  }

  // Several elements of one placeholder, from the end too: the gradient is zero elsewhere.
  const Tensor m = placeholder(kFloat64, {3, 2}, "m");
  const Tensor y = m[1][0] * m[2][1] + m[-1][-1];
  Session session;
  const Array gm = session.run(gradients(y, m), {{m, Array::of<double>({3, 2}, {1, 2, 3, 4, 5, 6})}});
  EXPECT_TRUE(gm.identical(Array::of<double>({3, 2}, {0, 0, 6, 0, 0, 4}))) << gm.str();
}

TEST_F(Lecture, S11_SessionIsRaii) {
  // An exception inside the scope: what it held is gone. (The leak checker runs over this test as well.)
  std::weak_ptr<GraphState> graph_inside;
  const auto failing = [&] {
    const Graph graph;
    graph_inside = graph.state();
    const Scope scope = graph.as_default();
    const Tensor w = variable(Array::full(kFloat32, {1000}, 1), "w");
    Session session({.num_threads = 2});
    session.run(global_variables_initializer());
    session.run(w * placeholder(kFloat32, {1000}, "never_fed"));
  };
  const Graph before = default_graph();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(message_of(failing), HasSubstr("'never_fed'"));
    EXPECT_TRUE(graph_inside.expired());
    EXPECT_EQ(default_graph(), before);
  }

  // A run that failed leaves a session that works.
  const Tensor w = variable(2.0f, "w"), x = placeholder(kFloat32, {}, "x");
  Session session;
  session.run(global_variables_initializer());
  EXPECT_THROW(session.run(w * x), Exception);
  EXPECT_EQ(session.run(w * x, {{x, Array::scalar(3.0f)}}).item<float>(), 6.0f);
}

TEST_F(Lecture, S14_AnotherOptimiserIsOneLine) {
  const auto train = [](Optimizer& optimizer) {
    reset_default_graph();
    const Tensor w = variable(Literal(0.0), "w", {.dtype = kFloat64});
    const Operation step = optimizer.minimize(pow(w, 2) - 10 * w + 25);
    Session session;
    session.run(global_variables_initializer());
    for (int i = 0; i < 1001; ++i) session.run(step);
    return session.run(w).item<double>();
  };
  GradientDescentOptimizer sgd(0.01);
  MomentumOptimizer momentum(0.01, 0.9);
  AdamOptimizer adam(0.01);
  EXPECT_NEAR(train(sgd), 4.99999999175346, 1e-12);
  EXPECT_NEAR(train(momentum), 5.0, 1e-9);
  EXPECT_NEAR(train(adam), 4.86542890, 5e-9);
}

TEST_F(Lecture, S15_ASmallerLastBatchCompilesOnceMore) {
  const Tensor x = placeholder(kFloat64, {"n", 2}, "x"), y = placeholder(kFloat64, {"n"}, "y");
  const Tensor w = variable(Literal(0.0), "w", {.dtype = kFloat64}),
               c = variable(Literal(0.0), "c", {.dtype = kFloat64});
  const Tensor loss = reduce_mean(square(reduce_sum(x * w, 1) + c - y));
  const Operation train = GradientDescentOptimizer(0.05).minimize(loss);
  const Operation init = global_variables_initializer();
  // 19 examples in batches of 8, 8 and 3.
  std::vector<std::array<double, 3>> examples;
  for (int i = 0; i < 19; ++i) examples.push_back({std::sin(i), std::cos(2 * i), 3 * std::sin(i + 1.0)});
  const auto batch = [&](size_t from, size_t to) -> Feeds {
    std::vector<double> xs, ys;
    for (size_t i = from; i < to; ++i) {
      xs.insert(xs.end(), {examples[i][0], examples[i][1]});
      ys.push_back(examples[i][2]);
    }
    const int64_t n = static_cast<int64_t>(to - from);
    return {{x, Array::of<double>({n, 2}, xs)}, {y, Array::of<double>({n}, ys)}};
  };
  std::vector<double> ends;
  for (const int threads : {1, 2, 4}) {
    Session session({.num_threads = threads});
    session.run(init);
    const int64_t before = session.stats().programs_compiled;
    double w_value = 0, c_value = 0;  // the same steps by hand
    for (int epoch = 0; epoch < 4; ++epoch) {
      for (const auto& [from, to] : {std::pair<size_t, size_t>(0, 8), {8, 16}, {16, 19}}) {
        session.run(train, batch(from, to));
        double dw = 0, dc = 0;
        for (size_t i = from; i < to; ++i) {
          const double sum = examples[i][0] + examples[i][1];
          const double error = sum * w_value + c_value - examples[i][2];
          dw += 2 * error * sum / static_cast<double>(to - from);
          dc += 2 * error / static_cast<double>(to - from);
        }
        w_value -= 0.05 * dw;
        c_value -= 0.05 * dc;
      }
    }
    EXPECT_LE(session.stats().programs_compiled - before, 2) << "one for each of the two sizes";
    EXPECT_NEAR(session.value(w).item<double>(), w_value, 1e-13);
    EXPECT_NEAR(session.value(c).item<double>(), c_value, 1e-13);
    ends.push_back(session.value(w).item<double>());
  }
  EXPECT_THAT(ends, ::testing::Each(ends[0]));
}

TEST_F(Lecture, S16_ResettingTheDefaultGraph) {
  const Tensor w = variable(3.0f, "w");
  Session old;
  old.run(global_variables_initializer());
  for (int i = 0; i < 10000; ++i) reset_default_graph();
  EXPECT_EQ(default_graph().num_nodes(), 0u);
  EXPECT_EQ(old.run(w).item<float>(), 3.0f);
}

TEST_F(Lecture, S17_GetVariableWithXavier) {
  Tensor w;
  {
    const Scope scope = variable_scope("layer");
    w = get_variable("W1", {25, 12288}, xavier_initializer(/*seed=*/1));
    EXPECT_THAT(message_of([] { get_variable("W1", {25, 12288}); }), HasSubstr("'layer/W1'"));
  }
  {
    const Scope scope = variable_scope("layer", Reuse::kYes);
    EXPECT_EQ(get_variable("W1", {25, 12288}), w);
  }
  const Operation init = global_variables_initializer();
  const auto first_values = [&](const SessionOptions& options) {
    Session session(options);
    session.run(init);
    return session.run(w);
  };
  const Array a = first_values({.num_threads = 1});
  for (const int threads : {2, 3, 8}) EXPECT_TRUE(a.identical(first_values({.num_threads = threads}))) << threads;
  // Every machine: the code of the narrowest vectors gives the same, and so did the machine this was written on.
  EXPECT_TRUE(a.identical(first_values({.target = "sse2"})));
  EXPECT_EQ(a.at<float>({0, 0}), -0.0117343254f);
  EXPECT_EQ(a.at<float>({24, 12287}), 0.0196542013f);
  // The seed decides, not where in the graph the variable stands.
  const Tensor same = get_variable("W2", {25, 12288}, xavier_initializer(1));
  const Tensor other = get_variable("W3", {25, 12288}, xavier_initializer(2));
  Session session;
  session.run(global_variables_initializer());
  EXPECT_TRUE(a.identical(session.run(same)));
  EXPECT_FALSE(a.identical(session.run(other)));
  const double limit = 0.0220746428;
  float most = 0;
  for (const float v : a.data<float>()) most = std::max(most, std::abs(v));
  EXPECT_LE(most, limit * 1.0000001);
  EXPECT_GT(most, limit * 0.999);
}

TEST_F(Lecture, S18_ZerosInitializer) {
  const Tensor b = get_variable("b1", {25, 1}, zeros_initializer());
  Session session;
  session.run(global_variables_initializer());
  EXPECT_TRUE(session.run(b).identical(Array(kFloat32, {25, 1})));
}

TEST_F(Lecture, S19_SigmoidCrossEntropy) {
  const Tensor z = placeholder(kFloat64, {4}, "z"), y = placeholder(kFloat64, {4}, "y");
  const Tensor loss = sigmoid_cross_entropy_with_logits({.labels = y, .logits = z});
  Session session;
  const Array zs = Array::of<double>({4}, {5, 0, -1000, 1000}), ys = Array::of<double>({4}, {1, 1, 1, 0});
  const std::vector<Array> out = session.run({loss, gradients(loss, z)}, {{z, zs}, {y, ys}});
  const double expected[] = {0.00671534849, 0.69314718, 1000, 1000};
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(out[0].at<double>({i}), expected[i], 1e-8);
    const double sigmoid = 1 / (1 + std::exp(-zs.at<double>({i})));
    EXPECT_NEAR(out[1].at<double>({i}), sigmoid - ys.at<double>({i}), 1e-12);
  }
}

TEST_F(Lecture, S21_FetchedValuesPrint) {
  Session session;
  EXPECT_EQ(fmt::format("{}", session.run(constant({{1.0f, 2.5f}, {3.0f, 4.0f}}))), "f32[2,2] [[1, 2.5], [3, 4]]");
}

TEST_F(Lecture, S22_SeveralFetchesAreOneExecution) {
  const Tensor w = variable(Literal(1.0), "w", {.dtype = kFloat64});
  const Tensor a = w * 2, b = w * 3;
  const Operation train = GradientDescentOptimizer(0.1).minimize(square(w));
  Session session;
  session.run(global_variables_initializer());
  const std::vector<Array> out = session.run({a, b, train, w});
  EXPECT_EQ(out[0].item<double>() * 1.5, out[1].item<double>());
  EXPECT_EQ(out[2].num_elements(), 0);
  EXPECT_EQ(out[3].item<double>(), 1.0);
  EXPECT_DOUBLE_EQ(session.run(w).item<double>(), 0.8);
}

TEST_F(Lecture, S30_S31_SoftmaxOfTheExample) {
  const Tensor z = constant({5.0, 2.0, -1.0, 3.0}, kFloat64);
  Session session;
  const std::vector<Array> out = session.run({exp(z), reduce_sum(exp(z)), softmax(z)});
  const double t[] = {148.4131591, 7.3890561, 0.3678794, 20.0855369};
  const double a[] = {0.8420335724, 0.0419223830, 0.0020871926, 0.1139568520};
  double sum = 0;
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(out[0].at<double>({i}), t[i], 1e-7);
    EXPECT_NEAR(out[2].at<double>({i}), a[i], 1e-10);
    sum += out[2].at<double>({i});
  }
  EXPECT_NEAR(out[1].item<double>(), 176.2556316, 1e-7);
  EXPECT_NEAR(sum, 1, 1e-15);
}

TEST_F(Lecture, S32_SoftmaxIsStable) {
  Session session;
  const Array big = session.run(softmax(constant({1000.0, 1001.0, 1002.0}, kFloat64)));
  const Array small = session.run(softmax(constant({0.0, 1.0, 2.0}, kFloat64)));
  for (int64_t i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(big.at<double>({i}), small.at<double>({i}));
  // Documented: a row that is all -inf gives zeros.
  const Tensor x = placeholder(kFloat32, {3}, "x");
  const float lowest = -std::numeric_limits<float>::infinity();
  EXPECT_TRUE(session.run(softmax(x), {{x, Array::full(kFloat32, {3}, lowest)}}).identical(Array(kFloat32, {3})));
}

TEST_F(Lecture, S33_CrossEntropyOfTheExample) {
  const Tensor z = constant({5.0, 2.0, -1.0, 3.0}, kFloat64);
  const double losses[] = {0.1719353933, 3.1719353933, 6.1719353933, 2.1719353933};
  Session session;
  for (int label = 0; label < 4; ++label) {
    const Tensor onehot = one_hot(constant(label, kInt32), 4, {.dtype = kFloat64});
    const Tensor loss = softmax_cross_entropy_with_logits({.labels = onehot, .logits = z});
    EXPECT_NEAR(session.run(loss).item<double>(), losses[label], 1e-9);
    if (label != 1) continue;
    const Array g = session.run(gradients(loss, z));
    const double cat[] = {0.8420335724, -0.958077617, 0.0020871926, 0.1139568520};
    for (int64_t i = 0; i < 4; ++i) EXPECT_NEAR(g.at<double>({i}), cat[i], 1e-9);
  }
}

TEST_F(Lecture, S34_HessianOfTheFusedLoss) {
  const Tensor z = placeholder(kFloat64, {2}, "z");
  const Tensor loss = softmax_cross_entropy_with_logits({.labels = constant({1.0, 0.0}, kFloat64), .logits = z});
  const Tensor g = gradients(loss, z);
  Session session;
  const Feeds feeds = {{z, Array::of<double>({2}, {3, 3})}};
  const Array row0 = session.run(gradients(g[0], z), feeds), row1 = session.run(gradients(g[1], z), feeds);
  EXPECT_NEAR(row0.at<double>({0}), 0.25, 1e-15);
  EXPECT_NEAR(row0.at<double>({1}), -0.25, 1e-15);
  EXPECT_NEAR(row1.at<double>({0}), -0.25, 1e-15);
  EXPECT_NEAR(row1.at<double>({1}), 0.25, 1e-15);

  // diag(p) - p p^T for the four classes of S-30.
  const Tensor z4 = constant({5.0, 2.0, -1.0, 3.0}, kFloat64), y4 = constant({0.0, 1.0, 0.0, 0.0}, kFloat64);
  const Tensor g4 = gradients(softmax_cross_entropy_with_logits({.labels = y4, .logits = z4}), z4);
  const Array p = session.run(softmax(z4));
  for (int64_t i = 0; i < 4; ++i) {
    const Array row = session.run(gradients(g4[i], z4));
    for (int64_t j = 0; j < 4; ++j)
      EXPECT_NEAR(row.at<double>({j}), (i == j ? p.at<double>({i}) : 0) - p.at<double>({i}) * p.at<double>({j}), 1e-15);
  }
}

TEST_F(Lecture, S35_OneHotAndSparseLabelsAgree) {
  const std::vector<int32_t> classes = {3, 1, 2, 0, 3, 2, 0, 1};
  const Tensor labels = constant(Array::of<int32_t>({8}, classes));
  const Tensor onehot = one_hot(labels, 4);
  const Tensor z = placeholder(kFloat32, {8, 4}, "z");
  Array logits(kFloat32, {8, 4});
  for (int64_t i = 0; i < 32; ++i) logits.set_from_double(i, std::sin(static_cast<double>(i)));
  Session session;
  const std::vector<Array> out =
      session.run({onehot, softmax_cross_entropy_with_logits({.labels = onehot, .logits = z}),
                   sparse_softmax_cross_entropy_with_logits({.labels = labels, .logits = z})},
                  {{z, logits}});
  for (int64_t i = 0; i < 8; ++i) {
    for (int64_t c = 0; c < 4; ++c)
      EXPECT_EQ(out[0].at<float>({i, c}), c == classes[static_cast<size_t>(i)] ? 1.0f : 0.0f);
    EXPECT_NEAR(out[1].at<float>({i}), out[2].at<float>({i}), 1e-6);
  }
}

TEST_F(Lecture, S36_OutputLayersOfEverySize) {
  // C units and y^ is C x 1, for each C from 2 to 1000: one graph, whose sizes are open.
  const Tensor x = placeholder(kFloat64, {3, 1}, "x"), w = placeholder(kFloat64, {"C", 3}, "w");
  const Tensor b = placeholder(kFloat64, {"C", 1}, "b"), y = placeholder(kFloat64, {"C", 1}, "y");
  const Tensor z = matmul(w, x) + b, a = softmax(z, 0);
  const Tensor loss = softmax_cross_entropy_with_logits({.labels = y, .logits = z, .axis = 0});
  const Tensor dz = gradients(loss, z);
  Session session;
  const Array input = Array::of<double>({3, 1}, {0.5, -1, 2});
  for (int64_t classes = 2; classes <= 1000; ++classes) {
    SCOPED_TRACE(classes);
    Array weights(kFloat64, {classes, 3}), biases(kFloat64, {classes, 1}), onehot(kFloat64, {classes, 1});
    std::vector<double> t(static_cast<size_t>(classes));
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c) {
      const double u = std::sin(static_cast<double>(c)), v = std::cos(static_cast<double>(3 * c));
      weights.set_from_double(3 * c, u);
      weights.set_from_double(3 * c + 1, v);
      weights.set_from_double(3 * c + 2, u * v);
      biases.set_from_double(c, v - u);
      sum += t[static_cast<size_t>(c)] = std::exp(0.5 * u - v + 2 * u * v + v - u);
    }
    const int64_t label = classes / 3;
    onehot.set_from_double(label, 1);
    const std::vector<Array> out = session.run({a, loss, dz}, {{x, input}, {w, weights}, {b, biases}, {y, onehot}});
    ASSERT_EQ(out[0].shape(), (Shape{classes, 1}));
    ASSERT_NEAR(out[1].value_as_double(0), -std::log(t[static_cast<size_t>(label)] / sum), 1e-12);
    for (int64_t c = 0; c < classes; ++c) {
      ASSERT_NEAR(out[0].value_as_double(c), t[static_cast<size_t>(c)] / sum, 1e-14);
      ASSERT_NEAR(out[2].value_as_double(c), t[static_cast<size_t>(c)] / sum - (c == label ? 1 : 0), 1e-14);
    }
  }
}

TEST_F(Lecture, S36_TwoClassesAreLogisticRegression) {
  const Tensor z = placeholder(kFloat64, {"n", 2}, "z"), labels = placeholder(kInt32, {"n"}, "labels");
  const Tensor multi = sparse_softmax_cross_entropy_with_logits({.labels = labels, .logits = z});
  const Tensor margin = reduce_sum(z * constant({-1.0, 1.0}, kFloat64), 1);
  const Tensor binary = sigmoid_cross_entropy_with_logits({.labels = cast(labels, kFloat64), .logits = margin});
  Session session;
  const Feeds feeds = {{z, Array::of<double>({3, 2}, {1, 2, -3, 0.5, 4, 4})},
                       {labels, Array::of<int32_t>({3}, {0, 1, 1})}};
  const std::vector<Array> out = session.run({multi, binary}, feeds);
  for (int64_t i = 0; i < 3; ++i) EXPECT_NEAR(out[0].at<double>({i}), out[1].at<double>({i}), 1e-12);
}

}  // namespace
}  // namespace dlc
