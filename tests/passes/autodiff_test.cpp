// The rules of differentiation: which ways gradients flow, and the numbers that REQUIREMENTS names.
#include "passes/autodiff/autodiff.h"

#include <gtest/gtest.h>

#include <limits>

#include "ir/interp/interpreter.h"
#include "ir/parser.h"
#include "ir/printer.h"
#include "ir/verifier.h"
#include "tests/testing/op_eval.h"

namespace dlc::passes {
namespace {

using test::array;
using test::same_numbers;
using test::values;
using ::testing::DoubleNear;
using ::testing::Pointwise;
using Numbers = std::vector<double>;

constexpr double kInf = std::numeric_limits<double>::infinity();

std::unique_ptr<ir::Function> parse(const std::string& text) {
  auto f = value_or_throw(ir::parse_function(text));
  value_or_throw(ir::verify(*f, ir::Stage::kGraph));
  return f;
}

/// The function without gradients and pins.
std::unique_ptr<ir::Function> differentiated(const std::string& text) {
  auto f = parse(text);
  PassContext context;
  value_or_throw(run_autodiff(*f, context));
  value_or_throw(run_drop_pins(*f, context));
  value_or_throw(ir::verify(*f, ir::Stage::kDifferentiated));
  return f;
}

/// All results of the differentiated function as one list of numbers; f64 scalars as inputs.
Numbers run(const std::string& text, const Numbers& inputs) {
  std::vector<Array> params;
  for (const double x : inputs) params.push_back(Array::scalar<double>(x));
  Numbers out;
  for (const Array& a : value_or_throw(ir::interpret(*differentiated(text), params)))
    for (const double x : values(a)) out.push_back(x);
  return out;
}

// S-3: J(w) = w^2 - 10 w + 25, dJ/dw = 2 w - 10.
constexpr const char* kLecture = R"(
func @lecture(%w: f64[]) -> (f64[]) {
  %p = pin(%w) : f64[]
  %two = constant() {value = f64[] {2}} : f64[]
  %ten = constant() {value = f64[] {10}} : f64[]
  %c = constant() {value = f64[] {25}} : f64[]
  %square = pow(%p, %two) : f64[]
  %linear = mul(%ten, %p) : f64[]
  %d = sub(%square, %linear) : f64[]
  %cost = add(%d, %c) : f64[]
  %g = gradients(%cost, %p) {num_ys = 1} : f64[]
  return %g
}
)";

TEST(Autodiff, S3LectureCost) {
  EXPECT_EQ(run(kLecture, {0}), Numbers{-10});
  EXPECT_EQ(run(kLecture, {7}), Numbers{4});
}

TEST(Autodiff, IsTheSameTextEveryTime) {
  EXPECT_EQ(ir::print(*differentiated(kLecture)), ir::print(*differentiated(kLecture)));
}

TEST(Autodiff, SaysWhetherItChangedAnything) {
  auto f = parse("func @f(%x: f64[]) -> (f64[]) {\n  return %x\n}\n");
  PassContext context;
  EXPECT_FALSE(value_or_throw(run_autodiff(*f, context)));
  EXPECT_FALSE(value_or_throw(run_drop_pins(*f, context)));
}

// Two xs of equal value are two variables.
TEST(AutodiffPins, EqualXsStayApart) {
  EXPECT_EQ(run(R"(
func @f(%x: f64[]) -> (f64[], f64[]) {
  %a = pin(%x) : f64[]
  %b = pin(%x) : f64[]
  %ab = mul(%a, %b) : f64[]
  %y = mul(%ab, %b) : f64[]
  %da, %db = gradients(%y, %a, %b) {num_ys = 1} : f64[], f64[]
  return %da, %db
}
)",
                {3}),
            (Numbers{9, 18}));
}

TEST(AutodiffPins, ConstantX) {
  EXPECT_EQ(run(R"(
func @f() -> (f64[]) {
  %c = constant() {value = f64[] {3}} : f64[]
  %p = pin(%c) : f64[]
  %y = mul(%p, %p) : f64[]
  %g = gradients(%y, %p) {num_ys = 1} : f64[]
  return %g
}
)",
                {}),
            Numbers{6});
}

// i = identity(w): y = w i. By w both ways count, by i only its own.
TEST(AutodiffPins, IdentityPathsStayApart) {
  EXPECT_EQ(run(R"(
func @f(%x: f64[]) -> (f64[], f64[]) {
  %w = pin(%x) : f64[]
  %i = pin(%w) : f64[]
  %y = mul(%w, %i) : f64[]
  %dw, %di = gradients(%y, %w, %i) {num_ys = 1} : f64[], f64[]
  return %dw, %di
}
)",
                {5}),
            (Numbers{10, 5}));
}

TEST(AutodiffOverride, ValueIsFedAndGradientFlowsToWhatWasFed) {
  // h = 3 x is fed as 7; y = h^2: dy/dx = 2 * 7 * 3.
  EXPECT_EQ(run(R"(
func @f(%x: f64[], %fed: f64[]) -> (f64[], f64[], f64[]) {
  %p = pin(%x) : f64[]
  %three = constant() {value = f64[] {3}} : f64[]
  %h = mul(%three, %p) : f64[]
  %o = override(%h, %fed) : f64[]
  %y = mul(%o, %o) : f64[]
  %dx, %dfed = gradients(%y, %p, %fed) {num_ys = 1} : f64[], f64[]
  return %y, %dx, %dfed
}
)",
                {100, 7}),
            (Numbers{49, 42, 0}));
}

TEST(AutodiffStops, NothingFlowsThroughAStop) {
  // b = a^2 stopped: d(ab)/da = b. Without the stop 3 a^2.
  const std::string program = R"(
func @f(%x: f64[]) -> (f64[]) {{
  %a = pin(%x) : f64[]
  %square = mul(%a, %a) : f64[]
  %b = pin(%square) : f64[]
  %y = mul(%a, %b) : f64[]
  %g = gradients(%y, %a{}
  return %g
}}
)";
  EXPECT_EQ(run(fmt::format(fmt::runtime(program), ", %b) {num_ys = 1, num_stops = 1} : f64[]"), {3}), Numbers{9});
  EXPECT_EQ(run(fmt::format(fmt::runtime(program), ") {num_ys = 1} : f64[]"), {3}), Numbers{27});
}

// A stop that is itself an x gets its gradient; what it was made from gets none.
TEST(AutodiffStops, AStoppedXStillHasAGradient) {
  EXPECT_EQ(run(R"(
func @f(%x: f64[]) -> (f64[], f64[]) {
  %a = pin(%x) : f64[]
  %square = mul(%a, %a) : f64[]
  %b = pin(%square) : f64[]
  %y = mul(%b, %b) : f64[]
  %da, %db = gradients(%y, %a, %b, %b) {num_ys = 1, num_stops = 1} : f64[], f64[]
  return %da, %db
}
)",
                {2}),
            (Numbers{0, 8}));
}

TEST(AutodiffStops, StopGradientIsAConstant) {
  EXPECT_EQ(run(R"(
func @f(%x: f64[]) -> (f64[]) {
  %a = pin(%x) : f64[]
  %s = stop_gradient(%a) : f64[]
  %y = mul(%a, %s) : f64[]
  %g = gradients(%y, %a) {num_ys = 1} : f64[]
  return %g
}
)",
                {3}),
            Numbers{3});
}

TEST(AutodiffYs, AreSummed) {
  EXPECT_EQ(run(R"(
func @f(%x: f64[]) -> (f64[]) {
  %a = pin(%x) : f64[]
  %square = mul(%a, %a) : f64[]
  %g = gradients(%square, %a, %square, %a) {num_ys = 3} : f64[]
  return %g
}
)",
                {3}),
            Numbers{13});
}

TEST(AutodiffYs, AreWeightedByGradYs) {
  EXPECT_EQ(run(R"(
func @f(%x: f64[], %u: f64[], %v: f64[]) -> (f64[]) {
  %a = pin(%x) : f64[]
  %square = mul(%a, %a) : f64[]
  %n = neg(%a) : f64[]
  %g = gradients(%square, %n, %u, %v, %a) {num_ys = 2, num_grad_ys = 2} : f64[]
  return %g
}
)",
                {3, 10, 1}),
            Numbers{59});
}

TEST(AutodiffXs, WithoutAWayGetZeros) {
  EXPECT_EQ(run(R"(
func @f(%x: f64[], %z: f64[]) -> (f64[], f64[], f64[]) {
  %a = pin(%x) : f64[]
  %b = pin(%z) : f64[]
  %f = floor(%a) : f64[]
  %i = convert(%a) {dtype = i64} : i64[]
  %j = convert(%i) {dtype = f64} : f64[]
  %fj = mul(%f, %j) : f64[]
  %y = mul(%fj, %b) : f64[]
  %da, %db = gradients(%y, %a, %b) {num_ys = 1} : f64[], f64[]
  %later = mul(%a, %a) : f64[]
  %dc = gradients(%a, %b) {num_ys = 1} : f64[]
  return %da, %db, %dc
}
)",
                {2.5, 9}),
            (Numbers{0, 4, 0}));
}

// d^2/dx^2 x^3 = 6 x: the second op differentiates what the first became.
TEST(AutodiffNested, SecondDerivativeOfACube) {
  EXPECT_EQ(run(R"(
func @f(%x: f64[]) -> (f64[], f64[], f64[]) {
  %a = pin(%x) : f64[]
  %square = mul(%a, %a) : f64[]
  %cube = mul(%square, %a) : f64[]
  %first = gradients(%cube, %a) {num_ys = 1} : f64[]
  %second = gradients(%first, %a) {num_ys = 1} : f64[]
  %third = gradients(%second, %a) {num_ys = 1} : f64[]
  return %first, %second, %third
}
)",
                {2}),
            (Numbers{12, 12, 6}));
}

// A gradient penalty: y = x^2 + (dx^2/dx)^2 has dy/dx = 2 x + 8 x.
TEST(AutodiffNested, GradientInsideALoss) {
  EXPECT_EQ(run(R"(
func @f(%x: f64[]) -> (f64[]) {
  %a = pin(%x) : f64[]
  %square = mul(%a, %a) : f64[]
  %g = gradients(%square, %a) {num_ys = 1} : f64[]
  %penalty = mul(%g, %g) : f64[]
  %y = add(%square, %penalty) : f64[]
  %d = gradients(%y, %a) {num_ys = 1} : f64[]
  return %d
}
)",
                {3}),
            Numbers{30});
}

// Dimensions that must be equal are written differently on the two sides of the add.
TEST(AutodiffShapes, GradientsHaveTheDimensionsOfTheirXs) {
  const auto f = differentiated(R"(
func @f(%x: f64[n], %y: f64[m]) -> (f64[n], f64[m]) {
  require n == m
  %s = add(%x, %y) : f64[n]
  %q = mul(%s, %s) : f64[n]
  %dx, %dy = gradients(%q, %x, %y) {num_ys = 1} : f64[n], f64[m]
  return %dx, %dy
}
)");
  const auto results = ir::interpret(*f, {array(kFloat64, {2}, {1, 2}), array(kFloat64, {2}, {3, 4})});
  ASSERT_TRUE(results) << results.error().str();
  EXPECT_EQ(values((*results)[0]), (Numbers{8, 12}));
  EXPECT_EQ(values((*results)[1]), (Numbers{8, 12}));
}

TEST(AutodiffShapes, ConversionsGiveBackTheTypeOfTheX) {
  const auto f = differentiated(R"(
func @f(%x: f32[2]) -> (f32[2]) {
  %wide = convert(%x) {dtype = f64} : f64[2]
  %y = mul(%wide, %wide) : f64[2]
  %g = gradients(%y, %x) {num_ys = 1} : f32[2]
  return %g
}
)");
  EXPECT_EQ(values(value_or_throw(ir::interpret(*f, {array(kFloat32, {2}, {1, 3})}))[0]), (Numbers{2, 6}));
}

TEST(AutodiffProvenance, IsThatOfTheDifferentiatedOp) {
  auto f = parse(R"(
func @f(%x: f64[]) -> (f64[]) {
  %a = pin(%x) : f64[]
  %y = tanh(%a) : f64[] loc("layer/tanh", "model.cpp":7)
  %g = gradients(%y, %a) {num_ys = 1} : f64[] loc("train", "model.cpp":9)
  return %g
}
)");
  PassContext context;
  value_or_throw(run_autodiff(*f, context));
  EXPECT_EQ(f->result(0).op->provenance().node(), "layer/tanh");
}

constexpr const char* kFusion = R"(
func @f(%x: f64[]) -> (f64[]) {{
  %a = pin(%x) : f64[]
  %h = fusion(%a) {{kind = "elementwise"}} : f64[] loc("my/node", "model.cpp":7) {{
    func @body(%b: f64[]) -> (f64[]) {{
      %c = {}(%b) : f64[]
      return %c
    }}
  }}
  %y = mul(%a, %{}) : f64[]
  %g = gradients(%y, %a) {{num_ys = 1}} : f64[]
  return %g
}}
)";

TEST(AutodiffRegions, AnOpWithABodyOnTheWayIsNamed) {
  auto f = value_or_throw(ir::parse_function(fmt::format(fmt::runtime(kFusion), "exp", "h")));
  PassContext context;
  const Expected<bool> changed = run_autodiff(*f, context);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::kUnimplemented);
  EXPECT_THAT(changed.error().str(), ::testing::HasSubstr("'my/node'"));
  EXPECT_THAT(changed.error().str(), ::testing::HasSubstr("model.cpp:7"));
}

TEST(AutodiffRegions, AnOpWithABodyElsewhereIsNoMatter) {
  auto f = value_or_throw(ir::parse_function(fmt::format(fmt::runtime(kFusion), "exp", "a")));
  PassContext context;
  EXPECT_TRUE(run_autodiff(*f, context));
}

TEST(DropPins, LooksIntoBodies) {
  auto f = value_or_throw(ir::parse_function(fmt::format(fmt::runtime(kFusion), "stop_gradient", "a")));
  PassContext context;
  ASSERT_TRUE(run_autodiff(*f, context));
  EXPECT_TRUE(value_or_throw(run_drop_pins(*f, context)));
  EXPECT_THAT(ir::print(*f), ::testing::Not(::testing::HasSubstr("stop_gradient")));
  EXPECT_THAT(ir::print(*f), ::testing::Not(::testing::HasSubstr("pin(")));
}

/// Gradients by every operand of `y = op(...)` at scalar operands, each result of the form {dy/dx...}.
Numbers gradients_at(const std::string& op, const Numbers& at) {
  std::string params, pins, names, types, results;
  for (size_t i = 0; i < at.size(); ++i) {
    const std::string comma = i > 0 ? ", " : "";
    params += fmt::format("{}%x{}: f64[]", comma, i);
    pins += fmt::format("  %p{} = pin(%x{}) : f64[]\n", i, i);
    names += fmt::format("{}%p{}", comma, i);
    types += comma + "f64[]";
    results += fmt::format("{}%g{}", comma, i);
  }
  return run(
      fmt::format("func @f({}) -> ({}) {{\n{}  %y = {}({}) : f64[]\n  {} = gradients(%y, {}) {{num_ys = 1}} : {}\n"
                  "  return {}\n}}\n",
                  params, types, pins, op, names, results, names, types, results),
      at);
}

// Where the derivative does not exist we choose as TensorFlow does.
TEST(Subgradients, TiesAndKinks) {
  EXPECT_EQ(gradients_at("max", {1, 1}), (Numbers{1, 0}));
  EXPECT_EQ(gradients_at("min", {1, 1}), (Numbers{1, 0}));
  EXPECT_EQ(gradients_at("abs", {0}), Numbers{0});
  EXPECT_EQ(gradients_at("clamp", {-1, -1, 1}), (Numbers{0, 1, 0}));
  EXPECT_EQ(gradients_at("clamp", {-1, 1, 1}), (Numbers{0, 1, 0}));
  EXPECT_EQ(gradients_at("clamp", {-1, 2, 1}), (Numbers{0, 0, 1}));
  EXPECT_EQ(gradients_at("clamp", {-1, -2, 1}), (Numbers{1, 0, 0}));
  EXPECT_EQ(gradients_at("sqrt", {0}), Numbers{kInf});
  EXPECT_EQ(gradients_at("log", {0}), Numbers{kInf});
}

// No NaN at the edge of pow's domain.
TEST(Subgradients, PowAtZero) {
  EXPECT_EQ(gradients_at("pow", {0, 2}), (Numbers{0, 0}));
  EXPECT_EQ(gradients_at("pow", {0, 0}), (Numbers{0, 0}));
  EXPECT_EQ(gradients_at("pow", {0, 1}), (Numbers{1, 0}));
  EXPECT_EQ(gradients_at("pow", {-2, 3}), (Numbers{12, 0}));
}

// S-10's w^2 at w = 0: first derivative 0, second 2.
TEST(Subgradients, SquareAtZeroTwice) {
  for (const char* exponent : {"2", "2.5"}) {
    const Numbers d = run(fmt::format(R"(
func @f(%x: f64[]) -> (f64[], f64[]) {{
  %a = pin(%x) : f64[]
  %e = constant() {{value = f64[] {{{}}}}} : f64[]
  %y = pow(%a, %e) : f64[]
  %d = gradients(%y, %a) {{num_ys = 1}} : f64[]
  %dd = gradients(%d, %a) {{num_ys = 1}} : f64[]
  return %d, %dd
}}
)",
                                      exponent),
                          {0});
    EXPECT_EQ(d, (Numbers{0, std::string(exponent) == "2" ? 2.0 : 0.0})) << exponent;
  }
}

// S-33: the gradient for class 1 is softmax - one_hot.
TEST(SoftmaxCrossEntropyGradient, S33LectureNumbers) {
  const Numbers expected = {0.8420335724, -0.958077617, 0.0020871926, 0.1139568520};
  const Array logits = array(kFloat64, {4}, {5, 2, -1, 3});
  const auto dense = differentiated(R"(
func @f(%z: f64[4], %labels: f64[4]) -> (f64[4]) {
  %p = pin(%z) : f64[4]
  %loss = softmax_cross_entropy(%p, %labels) : f64[]
  %g = gradients(%loss, %p) {num_ys = 1} : f64[4]
  return %g
}
)");
  EXPECT_THAT(values(value_or_throw(ir::interpret(*dense, {logits, array(kFloat64, {4}, {0, 1, 0, 0})}))[0]),
              Pointwise(DoubleNear(5e-11), expected));
  const auto sparse = differentiated(R"(
func @f(%z: f64[4], %label: i32[]) -> (f64[4]) {
  %p = pin(%z) : f64[4]
  %loss = sparse_softmax_cross_entropy(%p, %label) : f64[]
  %g = gradients(%loss, %p) {num_ys = 1} : f64[4]
  return %g
}
)");
  EXPECT_THAT(values(value_or_throw(ir::interpret(*sparse, {logits, Array::scalar<int32_t>(1)}))[0]),
              Pointwise(DoubleNear(5e-11), expected));
  // The backward part alone still checks its label.
  const auto bad = ir::interpret(*sparse, {logits, Array::scalar<int32_t>(4)});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::kOutOfRange);
}

// Labels that do not sum to 1: d logits = sum(labels) softmax - labels, d labels = -log_softmax.
TEST(SoftmaxCrossEntropyGradient, OfWeightedLabels) {
  const auto f = differentiated(R"(
func @f(%z: f64[2], %labels: f64[2]) -> (f64[2], f64[2]) {
  %loss = softmax_cross_entropy(%z, %labels) : f64[]
  %dz, %dlabels = gradients(%loss, %z, %labels) {num_ys = 1} : f64[2], f64[2]
  return %dz, %dlabels
}
)");
  const auto results = value_or_throw(ir::interpret(*f, {array(kFloat64, {2}, {0, 0}), array(kFloat64, {2}, {3, 1})}));
  EXPECT_THAT(values(results[0]), Pointwise(DoubleNear(1e-15), Numbers{-1, 1}));
  EXPECT_THAT(values(results[1]), Pointwise(DoubleNear(1e-15), Numbers{0.6931471805599453, 0.6931471805599453}));
}

// S-34: the Hessian of the fused loss is diag(p) - p p^T.
TEST(SoftmaxCrossEntropyGradient, S34Hessian) {
  const auto f = differentiated(R"(
func @f(%z: f64[2], %labels: f64[2], %e0: f64[2], %e1: f64[2]) -> (f64[2], f64[2]) {
  %p = pin(%z) : f64[2]
  %loss = softmax_cross_entropy(%p, %labels) : f64[]
  %g = gradients(%loss, %p) {num_ys = 1} : f64[2]
  %row0 = gradients(%g, %e0, %p) {num_ys = 1, num_grad_ys = 1} : f64[2]
  %row1 = gradients(%g, %e1, %p) {num_ys = 1, num_grad_ys = 1} : f64[2]
  return %row0, %row1
}
)");
  const auto hessian = [&](const Numbers& z) {
    Numbers out;
    for (const Array& row :
         value_or_throw(ir::interpret(*f, {array(kFloat64, {2}, z), array(kFloat64, {2}, {0, 1}),
                                           array(kFloat64, {2}, {1, 0}), array(kFloat64, {2}, {0, 1})})))
      for (const double x : values(row)) out.push_back(x);
    return out;
  };
  EXPECT_THAT(hessian({0, 0}), Pointwise(DoubleNear(1e-15), Numbers{0.25, -0.25, -0.25, 0.25}));
  const double p = 1 / (1 + std::exp(-1.0)), q = p * (1 - p);
  EXPECT_THAT(hessian({2, 1}), Pointwise(DoubleNear(1e-15), Numbers{q, -q, -q, q}));
}

TEST(SoftmaxGradient, RowsOfMinusInfinityHaveNone) {
  const auto f = differentiated(R"(
func @f(%x: f64[2]) -> (f64[2]) {
  %y = softmax(%x) {axis = 0} : f64[2]
  %g = gradients(%y, %x) {num_ys = 1} : f64[2]
  return %g
}
)");
  EXPECT_THAT(values(value_or_throw(ir::interpret(*f, {array(kFloat64, {2}, {-kInf, -kInf})}))[0]),
              same_numbers(Numbers{0, 0}));
}

}  // namespace
}  // namespace dlc::passes
