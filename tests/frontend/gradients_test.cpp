// gradients(ys, xs): connectivity, stops, feeds, higher order (SEMANTICS.md, Gradients).
#include "frontend/train/gradients.h"
#include "frontend/graph/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "frontend/ops/ops.h"
#include "frontend/session/session.h"
#include "tests/frontend/run_graph.h"

namespace dlc {
namespace {

using ::testing::AllOf;
using testing::evaluate;
using testing::GraphRunner;
using ::testing::HasSubstr;

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Exception& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(Gradients, FirstAndHigherOrder) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat64, {}, "x");
  const Tensor y = x * x * x;
  const Tensor d1 = gradients(y, x), d2 = gradients(d1, x), d3 = gradients(d2, x);
  const GraphRunner::Feeds at2{{x, Array::scalar(2.0)}};
  EXPECT_EQ(evaluate(d1, at2).item<double>(), 12);
  EXPECT_EQ(evaluate(d2, at2).item<double>(), 12);
  EXPECT_EQ(evaluate(d3, at2).item<double>(), 6);
}

TEST(Gradients, SumOverYsWithWeights) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat64, {}, "x");
  const std::vector<Tensor> ys{x * x, 5 * x};
  const Tensor plain = gradients(ys, {x})[0];
  const Tensor weighted = gradients(ys, {x}, {.grad_ys = {constant(10.0, kFloat64), constant(2.0, kFloat64)}})[0];
  const GraphRunner::Feeds at3{{x, Array::scalar(3.0)}};
  EXPECT_EQ(evaluate(plain, at3).item<double>(), 11);
  EXPECT_EQ(evaluate(weighted, at3).item<double>(), 70);
  EXPECT_THAT(message_of([&] { gradients(ys, {x}, {.grad_ys = {x}}); }), HasSubstr("1 grad_ys for 2 ys"));
  EXPECT_THAT(message_of([&] { gradients(x, {x}, {.grad_ys = {zeros({2}, kFloat64)}}); }), HasSubstr("f64[2]"));
}

TEST(Gradients, UnconnectedXIsNamed) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat32, {}, "x"), other = placeholder(kFloat32, {2}, "other");
  EXPECT_THAT(message_of([&] { gradients(x * 2, other); }),
              AllOf(HasSubstr("no y depends on 'other' f32[2]"), HasSubstr("kZeros"), HasSubstr("gradients_test.cpp")));
  const Tensor zero = gradients(x * 2, other, {.unconnected = Unconnected::kZeros});
  EXPECT_EQ(evaluate(zero, {{x, Array::scalar(1.0f)}, {other, Array::of<float>({2}, {1, 2})}}).value_as_double(1), 0);
  // Neither integers nor comparisons carry a gradient.
  EXPECT_THAT(message_of([&] { gradients(cast(x > 1, kFloat32), x); }), HasSubstr("no y depends on 'x'"));
  EXPECT_THAT(message_of([&] { gradients(cast(x, kInt32), x); }), HasSubstr("needs f32 or f64"));
}

TEST(Gradients, StopGradientClosesAWay) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat64, {}, "x");
  const Tensor h = x * 3;
  const GraphRunner::Feeds at2{{x, Array::scalar(2.0)}};
  EXPECT_EQ(evaluate(gradients(x * stop_gradient(h), x), at2).item<double>(), 6);
  EXPECT_EQ(evaluate(gradients(x * h, x, {.stop_gradients = {h}}), at2).item<double>(), 6);
  EXPECT_EQ(evaluate(gradients(x * h, x), at2).item<double>(), 12);
  EXPECT_THAT(message_of([&] { gradients(stop_gradient(h), x); }), HasSubstr("no y depends on 'x'"));
  EXPECT_THAT(message_of([&] { gradients(h * 1, x, {.stop_gradients = {h}}); }), HasSubstr("no y depends on 'x'"));
}

TEST(Gradients, XsThatAreEqualOrConstantStayApart) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat64, {}, "x");
  const Tensor a = x * 2, b = x * 2;  // equal values, different nodes
  const std::vector<Tensor> g = gradients(a * a + b, {a, b});
  EXPECT_EQ(evaluate(g[0], {{x, Array::scalar(3.0)}}).item<double>(), 12);
  EXPECT_EQ(evaluate(g[1], {{x, Array::scalar(3.0)}}).item<double>(), 1);
  const Tensor k = constant(4.0, kFloat64);
  EXPECT_EQ(evaluate(gradients(k * k, k)).item<double>(), 8);
}

TEST(Gradients, IdentityOfXIsAnotherTensor) {
  reset_default_graph();
  const Tensor w = variable(3.0, "w", {.dtype = kFloat64});
  const Tensor copy = identity(w);
  GraphRunner runner;
  runner.run({global_variables_initializer()});
  const std::vector<Tensor> g = gradients(w * copy, {w, copy});
  EXPECT_EQ(runner.run_one(g[0]).item<double>(), 6);  // both ways
  EXPECT_EQ(runner.run_one(g[1]).item<double>(), 3);
  EXPECT_THAT(message_of([&] { gradients(w * 2, copy); }), HasSubstr("no y depends on 'identity'"));
}

TEST(Gradients, FedTensorPassesTheGradientOn) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat64, {}, "x");
  const Tensor h = x * x;
  const Tensor y = h * h;
  // dy/dh at the fed value times dh/dx at x.
  const GraphRunner::Feeds feeds{{x, Array::scalar(3.0)}, {h, Array::scalar(10.0)}};
  EXPECT_EQ(evaluate(gradients(y, x), feeds).item<double>(), 2 * 10 * 2 * 3);
  EXPECT_EQ(evaluate(gradients(y, h), {{h, Array::scalar(10.0)}}).item<double>(), 20);
}

TEST(Gradients, OfTheValueFromBeforeTheRun) {
  reset_default_graph();
  const Tensor w = variable(3.0, "w", {.dtype = kFloat64});
  const Tensor g = gradients(w * w, w);
  Tensor after;
  {
    const Scope scope = control_dependencies({assign(w, 100.0)});
    after = identity(g);
  }
  GraphRunner runner;
  runner.run({global_variables_initializer()});
  EXPECT_EQ(runner.run_one(after).item<double>(), 6);
  EXPECT_EQ(runner.variables.at("w").item<double>(), 100);
  EXPECT_THAT(message_of([&] { gradients(assign(w, w * 2), w); }), HasSubstr("no y depends on 'w'"));
}

TEST(Gradients, ActivationsAtTheirCorners) {
  struct Case {
    Tensor (*f)(const TensorArg&, std::string_view);
    double x, slope;
  };
  const double half = 0.5;
  const Case cases[] = {{relu, 0, 0},
                        {relu, 2, 1},
                        {relu6, 6, 0},
                        {relu6, 3, 1},
                        {sigmoid, 0, 0.25},
                        {sigmoid, -1000, 0},
                        {sigmoid, 1000, 0},
                        {softplus, 0, half},
                        {softplus, 1000, 1},
                        {softplus, -1000, 0},
                        {log_sigmoid, 0, half},
                        {log_sigmoid, -1000, 1},
                        {silu, 0, half},
                        {mish, 0, 0.6},
                        {selu, 3, 1.0507009873554805},
                        {abs, 0, 0},
                        {softsign, -1, 0.25},
                        {tanh, 1000, 0},
                        {hard_sigmoid, 1, 0.2},
                        {selu, 0, 1.0507009873554805 * 1.6732632423543772}};
  for (const Case& test : cases) {
    reset_default_graph();
    const Tensor x = placeholder(kFloat64, {}, "x");
    const Tensor y = test.f(x, "y");
    SCOPED_TRACE(fmt::format("{} at {}", y.node().spec->name, test.x));
    EXPECT_NEAR(evaluate(gradients(y, x), {{x, Array::scalar(test.x)}}).item<double>(), test.slope, 1e-12);
  }
}

/// As far as frontend/ops/elementwise.h promises.
TEST(Gradients, ActivationsFarOut) {
  for (Tensor (*f)(const TensorArg&, std::string_view) :
       {sigmoid, log_sigmoid, relu, relu6, selu, silu, softplus, softsign, hard_sigmoid, mish, tanh}) {
    reset_default_graph();
    const Tensor x = placeholder(kFloat32, {2}, "x");
    const Tensor y = f(x, "y");
    const Array slope = evaluate(gradients(y, x), {{x, Array::of<float>({2}, {-1e12f, 1e12f})}});
    SCOPED_TRACE(y.node().spec->name);
    for (int64_t i = 0; i < 2; ++i) EXPECT_TRUE(std::isfinite(slope.at<float>({i})));
  }
  for (const bool approximate : {false, true}) {
    reset_default_graph();
    const Tensor x = placeholder(kFloat32, {2}, "x");
    const Array slope = evaluate(gradients(gelu(x, approximate), x), {{x, Array::of<float>({2}, {-1e12f, 1e12f})}});
    EXPECT_EQ(slope.at<float>({0}), 0) << approximate;
    EXPECT_EQ(slope.at<float>({1}), 1) << approximate;
  }
}

TEST(Gradients, EluIsSmoothAtZero) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat64, {2}, "x");
  const Tensor first = gradients(elu(x), x), second = gradients(first, x);
  const Feeds at = {{x, Array::of<double>({2}, {0, -1})}};
  EXPECT_EQ(evaluate(first, at).at<double>({0}), 1);
  EXPECT_EQ(evaluate(second, at).at<double>({0}), 1);
  EXPECT_NEAR(evaluate(second, at).at<double>({1}), std::exp(-1.0), 1e-15);
}

/// What PyTorch gives; the formula alone would be 0 / 0.
TEST(Gradients, NormsAtZero) {
  reset_default_graph();
  const Tensor x = placeholder(kFloat64, {2, 2}, "x");
  const Feeds at = {{x, Array::of<double>({2, 2}, {0, 0, 3, 4})}};
  const auto slope = [&](const Tensor& y) { return evaluate(gradients(y, x), at); };
  const Array rows = slope(norm(x, 2, 1));
  EXPECT_EQ(rows.at<double>({0, 0}), 0);
  EXPECT_NEAR(rows.at<double>({1, 0}), 0.6, 1e-15);
  EXPECT_NEAR(rows.at<double>({1, 1}), 0.8, 1e-15);
  const Array cubic = slope(norm(x, 3, 1));
  EXPECT_EQ(cubic.at<double>({0, 0}), 0);
  EXPECT_NEAR(cubic.at<double>({1, 0}), 9 / std::pow(91.0, 2.0 / 3), 1e-12);
  EXPECT_EQ(slope(global_norm({x[0]})).at<double>({0, 1}), 0);
  EXPECT_EQ(slope(clip_by_norm(x, 1.0, 1)).at<double>({0, 1}), 1);
}

TEST(Gradients, S19SigmoidCrossEntropy) {
  reset_default_graph();
  const Tensor z = constant({5.0, 0.0, -1000.0, 1000.0}, kFloat64), y = constant({1.0, 0.25, 1.0, 0.0}, kFloat64);
  const Array g = evaluate(gradients(sigmoid_cross_entropy_with_logits({.labels = y, .logits = z}), z));
  EXPECT_NEAR(g.at<double>({0}), 1 / (1 + std::exp(-5.0)) - 1, 1e-12);
  EXPECT_NEAR(g.at<double>({1}), 0.25, 1e-15);
  EXPECT_NEAR(g.at<double>({2}), -1, 1e-15);
  EXPECT_NEAR(g.at<double>({3}), 1, 1e-15);
}

TEST(Gradients, S33S34SoftmaxCrossEntropy) {
  reset_default_graph();
  const Tensor z = constant({5.0, 2.0, -1.0, 3.0}, kFloat64);
  const Tensor loss = sparse_softmax_cross_entropy_with_logits({.labels = 1, .logits = z});
  const Array g = evaluate(gradients(loss, z));
  const double wanted[] = {0.8420335724, -0.958077617, 0.0020871926, 0.1139568520};
  for (int64_t i = 0; i < 4; ++i) EXPECT_NEAR(g.at<double>({i}), wanted[i], 1e-9);

  const Tensor even = constant({0.0, 0.0}, kFloat64);
  const Tensor two = softmax_cross_entropy_with_logits({.labels = {1.0, 0.0}, .logits = even});
  const Tensor first = gradients(two, even);
  const Array row0 = evaluate(gradients(first[0], even)), row1 = evaluate(gradients(first[1], even));
  EXPECT_NEAR(row0.at<double>({0}), 0.25, 1e-15);
  EXPECT_NEAR(row0.at<double>({1}), -0.25, 1e-15);
  EXPECT_NEAR(row1.at<double>({1}), 0.25, 1e-15);
}

}  // namespace
}  // namespace dlc
