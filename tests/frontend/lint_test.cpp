// Each rule of lint fires where it should, names node, place and fix, and does not where the graph is
// right.
#include "frontend/graph/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "frontend/dlc.h"

namespace dlc {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Lint : public ::testing::Test {
 protected:
  /// "DLC-L001 loss: MESSAGE", for each warning.
  std::vector<std::string> warnings() const {
    std::vector<std::string> out;
    for (const GraphWarning& w : lint(graph_)) out.push_back(w.code + " " + w.node + ": " + w.message);
    return out;
  }
  Graph graph_;
  Scope scope_ = graph_.as_default();
};

TEST_F(Lint, RulesHaveDistinctCodesNamesAndDocs) {
  std::set<std::string> codes, names;
  for (const LintInfo& rule : lint_rules()) {
    EXPECT_THAT(rule.code, ::testing::MatchesRegex("DLC-L[0-9][0-9][0-9]"));
    EXPECT_TRUE(codes.insert(rule.code).second) << rule.code;
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_THAT(rule.doc, ::testing::EndsWith("."));
  }
  EXPECT_EQ(codes.size(), 8u);
  EXPECT_EQ(std::string(lint_rules()[4].code), "DLC-L005");
}

TEST_F(Lint, AWarningShowsPlaceCodeNameAndFix) {
  const Tensor z = placeholder(kFloat32, {"n", 3}, "z"), labels = placeholder(kFloat32, {"n", 3}, "labels");
  const Tensor p = softmax(z);
  const int line = __LINE__ + 1;
  softmax_cross_entropy_with_logits({.labels = labels, .logits = p, .name = "loss"});
  const std::vector<GraphWarning> found = lint(graph_);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].node, "loss");
  EXPECT_EQ(found[0].loc.line, line);
  EXPECT_THAT(found[0].str(),
              AllOf(HasSubstr(fmt::format("lint_test.cpp:{}:", line)), HasSubstr("warning: "),
                    HasSubstr("[DLC-L001 probabilities-as-logits]\n  fix: give it 'z', the operand of that softmax")));
}

TEST_F(Lint, L001SeesThroughWhatPassesElementsOn) {
  const Tensor z = placeholder(kFloat32, {"n"}, "z"), labels = placeholder(kFloat32, {"n", 1}, "labels");
  sigmoid_cross_entropy_with_logits({.labels = labels, .logits = expand_dims(identity(sigmoid(z)), 1), .name = "loss"});
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("DLC-L001 loss")));
}

TEST_F(Lint, L001NotForLogitsOrLogProbabilities) {
  const Tensor z = placeholder(kFloat32, {"n", 3}, "z"), labels = placeholder(kFloat32, {"n", 3}, "labels");
  softmax_cross_entropy_with_logits({.labels = softmax(labels), .logits = z});
  softmax_cross_entropy_with_logits({.labels = labels, .logits = log_softmax(z)});
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(Lint, L001ASoftmaxWrittenOut) {
  const Tensor z = placeholder(kFloat32, {"n", 3}, "z"), labels = placeholder(kFloat32, {"n", 3}, "labels");
  const Tensor e = exp(z);
  const Tensor keepdims = divide(e, reduce_sum(e, 1, true), "p");
  const Tensor expanded = exp(z) / expand_dims(reduce_sum(exp(z), 1), 1);
  const Tensor shifted = exp(z - reduce_max(z, 1, true));
  softmax_cross_entropy_with_logits({.labels = labels, .logits = keepdims, .name = "a"});
  softmax_cross_entropy_with_logits({.labels = labels, .logits = expanded, .name = "b"});
  softmax_cross_entropy_with_logits({.labels = labels, .logits = shifted / reduce_sum(shifted, 1, true), .name = "c"});
  EXPECT_THAT(warnings(), ElementsAre(AllOf(HasSubstr("DLC-L001 a: "),
                                            HasSubstr("got 'p', probabilities of a softmax written out")),
                                      HasSubstr("DLC-L001 b: "), HasSubstr("DLC-L001 c: ")));
  for (const GraphWarning& w : lint(graph_)) EXPECT_EQ(w.fix, "give it 'z', the operand of that softmax");
}

TEST_F(Lint, L001NotForOtherQuotients) {
  const Tensor z = placeholder(kFloat32, {"n", 3}, "z"), labels = placeholder(kFloat32, {"n", 3}, "labels");
  const Tensor e = exp(z), other = exp(labels);
  softmax_cross_entropy_with_logits({.labels = labels, .logits = e / reduce_sum(other, 1, true)});
  softmax_cross_entropy_with_logits({.labels = labels, .logits = z / reduce_max(e, 1, true)});
  softmax_cross_entropy_with_logits({.labels = labels, .logits = log(e / reduce_sum(e, 1, true))});
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(Lint, L002ATrainableVariableThatNothingUpdates) {
  const Tensor w = variable(1.0f, "w"), b = variable(0.0f, "b");
  GradientDescentOptimizer(0.1).minimize(square(w * 2 + stop_gradient(b)));
  EXPECT_THAT(warnings(),
              ElementsAre(HasSubstr("DLC-L002 b: trainable variable 'b' is read, but no operation updates")));
}

TEST_F(Lint, L002NotWhereNothingTrainsOrItIsMeantOrItIsNotRead) {
  const Tensor w = variable(1.0f, "w");
  const Tensor y = w * 2;
  EXPECT_THAT(warnings(), IsEmpty()) << "a graph to be run only";
  const Tensor frozen = variable(1.0f, "frozen", {.trainable = false});
  variable(1.0f, "unused");
  const Tensor counted = variable(0.0f, "counted");
  assign_add(counted, 1.0f);
  GradientDescentOptimizer(0.1).minimize(square(y + stop_gradient(frozen) + stop_gradient(counted)));
  global_variables_initializer();
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(Lint, L003VariablesMadeAfterTheInitialiser) {
  const Tensor w = variable(1.0f, "w"), v = variable(1.0f, "v");
  global_variables_initializer("init");
  AdamOptimizer().minimize(square(w + v));
  EXPECT_THAT(warnings(), ElementsAre(AllOf(HasSubstr("DLC-L003 init: "),
                                            HasSubstr("'w/adam_m', 'w/adam_s', 'v/adam_m' and 1 more"),
                                            HasSubstr("one from Session::set_value or a checkpoint"))));
}

TEST_F(Lint, L003NotWhenTheInitialiserComesLastOrAVariableIsAssigned) {
  const Tensor w = variable(1.0f, "w");
  global_variables_initializer("early");
  AdamOptimizer().minimize(square(w));
  global_variables_initializer("late");
  const Tensor later = variable(0.0f, "later");
  assign(later, 2.0f);
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(Lint, L004AnUpdateWithAGradientThatIsAlwaysZero) {
  const Tensor w = variable(1.0f, "w"), v = variable(1.0f, "v");
  const std::vector<Tensor> g = gradients(square(w), {w, v}, {.unconnected = Unconnected::kZeros, .name = "g"});
  GradientDescentOptimizer(0.1).apply_gradients({{g[0], w}, {g[1], v}});
  EXPECT_THAT(warnings(), ElementsAre(AllOf(HasSubstr("DLC-L004 g: "), HasSubstr("with respect to 'v' is always 0"))));
}

TEST_F(Lint, L004NotForConnectedOnesOrZerosThatUpdateNothing) {
  const Tensor w = variable(1.0f, "w"), x = placeholder(kFloat32, {}, "x");
  const std::vector<Tensor> g = gradients(square(w), {w, x}, {.unconnected = Unconnected::kZeros});
  GradientDescentOptimizer(0.1).apply_gradients({{g[0], w}});
  EXPECT_THAT(warnings(), IsEmpty());
  EXPECT_THROW(GradientDescentOptimizer(0.1).minimize(square(x)), Exception) << "no variable at all: an error";
}

TEST_F(Lint, L004AnAssignmentOfAZeroGradient) {
  const Tensor w = variable(1.0f, "w"), u = variable(1.0f, "u"), v = variable(1.0f, "v");
  const auto zero_of = [&](const Tensor& x, std::string_view name) {
    return gradients(square(w), x, {.unconnected = Unconnected::kZeros, .name = name});
  };
  assign_sub(v, zero_of(v, "g1"));
  assign_sub(v, 0.1f * zero_of(v, "g2"));
  assign(u, u - zero_of(u, "g3") * 0.1f);
  EXPECT_THAT(warnings(), ElementsAre(AllOf(HasSubstr("DLC-L004 g1: "), HasSubstr("updates 'v' with it")),
                                      HasSubstr("DLC-L004 g2: "), HasSubstr("DLC-L004 g3: ")));
}

TEST_F(Lint, L004NotForAssignmentsOfOtherValues) {
  const Tensor w = variable(1.0f, "w"), v = variable(1.0f, "v"), kept = variable(0.0f, "kept");
  const std::vector<Tensor> g = gradients(square(w), {w, v}, {.unconnected = Unconnected::kZeros});
  assign_sub(w, g[0] * 0.1f);
  assign(kept, g[1]);               // kept, not updated with it
  assign_sub(v, g[1] + v * 0.01f);  // a decay beside it
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(Lint, L005EveryExampleWithEveryLabel) {
  const Tensor y = placeholder(kFloat32, {"n", 1}, "y"), labels = placeholder(kFloat32, {"n"}, "labels");
  const Tensor error = subtract(y, labels, "error");
  reduce_mean(square(error), {}, false, "loss");
  EXPECT_THAT(warnings(), ElementsAre(AllOf(HasSubstr("DLC-L005 error: "), HasSubstr("'y' f32[n,1]"),
                                            HasSubstr("'labels' f32[n]"), HasSubstr("f32[n,n]"), HasSubstr("'loss'"))));
}

TEST_F(Lint, L005InANormOfSeveral) {
  const Tensor y = placeholder(kFloat32, {"n", 1}, "y"), labels = placeholder(kFloat32, {"n"}, "labels");
  global_norm({subtract(y, labels, "error")});
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("DLC-L005 error: ")));
}

TEST_F(Lint, L005AComparisonInAnAccuracy) {
  const Tensor guess = placeholder(kInt64, {8}, "guess"), labels = placeholder(kInt64, {8, 1}, "labels");
  reduce_mean(cast(equal(guess, labels, "hit"), kFloat32));
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("DLC-L005 hit: ")));
}

TEST_F(Lint, L005NotForBiasesPairsThatAreMeantOrWhatIsNotReduced) {
  const Tensor x = placeholder(kFloat32, {"n", 3}, "x"), row = placeholder(kFloat32, {3}, "row");
  const Tensor points = placeholder(kFloat32, {"n"}, "points"), column = placeholder(kFloat32, {"n", 1}, "column");
  reduce_mean(square(x - row));                               // a row from every row
  reduce_mean(square(x - reduce_mean(x, 1, true)));           // one rank, one stretched
  reduce_sum(abs(expand_dims(points, 1) - points));           // all pairs, said so
  reduce_sum(points - placeholder(kFloat32, {5, 1}, "few"));  // another size: a table
  identity(column - points);                                  // a table, kept
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(Lint, L005ProductsSumsAndComparisons) {
  const Tensor y = placeholder(kFloat32, {"n", 1}, "y"), w = placeholder(kFloat32, {"n"}, "w");
  reduce_mean(multiply(y, w, "product"));
  reduce_mean(square(add(w, y, "sum")));
  reduce_sum(divide(y, w, "quotient"), {0, 1});
  reduce_mean(maximum(y, w, "largest"));
  reduce_mean(minimum(y, w, "smallest"));
  reduce_mean(cast(greater(y, w, "order"), kFloat32));
  const Tensor weighted = multiply(square(y), w, "weighted");
  reduce_mean(weighted * sigmoid(weighted));
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("DLC-L005 product: "), HasSubstr("DLC-L005 sum: "),
                                      HasSubstr("DLC-L005 quotient: "), HasSubstr("DLC-L005 largest: "),
                                      HasSubstr("DLC-L005 smallest: "), HasSubstr("DLC-L005 order: "),
                                      HasSubstr("DLC-L005 weighted: ")));
}

TEST_F(Lint, L005NotForOuterProductsKernelsRanksAndFeatures) {
  const Tensor a = placeholder(kFloat32, {"n"}, "a"), b = placeholder(kFloat32, {"n"}, "b");
  const Tensor column = placeholder(kFloat32, {"n", 1}, "column"), pairs = placeholder(kFloat32, {"n", "n"}, "pairs");
  const Tensor points = placeholder(kFloat32, {"n", 2}, "points");
  reduce_sum(expand_dims(a, 1) * expand_dims(b, 0));
  reduce_sum(expand_dims(a, 1) * b);
  reduce_sum(reshape(a, {-1, 1}) * b);
  reduce_sum(column * squeeze(column, 1));                     // of itself
  reduce_sum(cast(column < a, kFloat32), 1);                   // ranks, one for each
  reduce_sum(column * a * pairs);                              // a quadratic form
  const Tensor lengths = reduce_sum(square(points), 1, true);  // squares of distances
  reduce_mean(lengths + reduce_sum(square(points + 1.0f), 1) - 2 * matmul(points, transpose(points)));
  const Tensor x = placeholder(kFloat32, {8, 1}, "x"), kernel = variable(zeros({8}), "kernel");
  reduce_mean(relu(x * kernel));  // eight examples, eight features
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(Lint, L006WhatMayBeZeroUnderALogarithmOrAQuotient) {
  const Tensor x = placeholder(kFloat32, {"n"}, "x"), mask = placeholder(kBool, {"n"}, "mask");
  log(sigmoid(x), "log1");
  log(1 - sigmoid(x), "log2");
  log(relu(x), "log3");
  divide(x - reduce_mean(x), reduce_std(x), "div1");
  divide(reduce_sum(x), reduce_sum(cast(mask, kFloat32)), "div2");
  rsqrt(reduce_variance(x), "div3");
  log(random_uniform({3}), "log4");
  EXPECT_THAT(warnings(),
              ElementsAre(HasSubstr("DLC-L006 log1: "), HasSubstr("DLC-L006 log2: "), HasSubstr("DLC-L006 log3: "),
                          HasSubstr("DLC-L006 div1: "), HasSubstr("DLC-L006 div2: "), HasSubstr("DLC-L006 div3: "),
                          HasSubstr("DLC-L006 log4: ")));
}

TEST_F(Lint, L006NotForWhatIsGuardedOrPositive) {
  const Tensor x = placeholder(kFloat32, {"n"}, "x"), y = placeholder(kFloat32, {"n"}, "y");
  log(softmax(x));  // computed as log_softmax
  log(relu(x) + 1e-6f);
  log(maximum(sigmoid(x), 1e-7f));
  x / (reduce_std(x) + 1e-6f);
  div_no_nan(x, norm(x));
  x / reduce_sum(exp(x));
  x / y;  // data: its owner knows
  log(random_uniform({3}, 1e-6, 1));
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(Lint, L006ProbabilitiesPickedFromASoftmax) {
  const Tensor z = placeholder(kFloat32, {"n", 3}, "z"), mask = placeholder(kFloat32, {"n", 3}, "mask");
  const Tensor p = softmax(z), e = exp(z);
  log(reduce_sum(p * mask, 1), "log1");
  log(slice(p, {0, 0}, {-1, 1}), "log2");
  log(gather(p, placeholder(kInt32, {2}, "at"), 1), "log3");
  log(reduce_sum(one_hot(placeholder(kInt32, {"n"}, "labels"), 3) * (e / reduce_sum(e, 1, true)), 1), "log4");
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("DLC-L006 log1: "), HasSubstr("DLC-L006 log2: "),
                                      HasSubstr("DLC-L006 log3: "), HasSubstr("DLC-L006 log4: ")));
}

TEST_F(Lint, L006RangesAndSumsOfWeights) {
  const Tensor x = placeholder(kFloat32, {"n", 3}, "x"), mask = placeholder(kFloat32, {"n", 3}, "mask");
  const Tensor least = reduce_min(x);
  divide(x - least, reduce_max(x) - least, "div1");
  divide(x, reduce_sum(x, 1, true), "div2");
  divide(reduce_sum(x * mask), reduce_sum(mask), "div3");
  divide(reduce_sum(x * (1 - mask), 1), reduce_sum(1 - mask, 1), "div4");
  pow(reduce_variance(x), -0.5f, "pow");
  EXPECT_THAT(warnings(),
              ElementsAre(HasSubstr("DLC-L006 div1: "), HasSubstr("DLC-L006 div2: "), HasSubstr("DLC-L006 div3: "),
                          HasSubstr("DLC-L006 div4: "), HasSubstr("DLC-L006 pow: ")));
}

TEST_F(Lint, L006NotForPositiveWeightsOrWhatIsComputedStably) {
  const Tensor x = placeholder(kFloat32, {"n", 3}, "x"), y = placeholder(kFloat32, {"n", 3}, "y");
  const Tensor e = exp(x), gates = slice(softmax(x), {0, 0}, {-1, 2});
  e / reduce_sum(e);
  log(e / reduce_sum(e, 1, true));  // computed as log_softmax
  log(reduce_sum(e, 1));
  reduce_sum(softmax(x) * log_softmax(x), 1);
  log(reduce_sum(softmax(x) * exp(y), 1));  // a mean of what is positive
  log(reduce_max(softmax(x), 1));
  gates / reduce_sum(gates, 1, true);
  (x + 1) / reduce_sum(x + 1);
  maximum(x, 1e-6f) / reduce_sum(maximum(x, 1e-6f), 1, true);
  reduce_sum(x * e) / reduce_sum(e);
  x / reduce_sum(y);  // data of its own
  reduce_sum(x * y) / (reduce_sum(y) + 1e-6f);
  (x - reduce_min(x)) / (reduce_max(x) - reduce_min(x) + 1e-6f);
  (x - reduce_min(x)) / (reduce_max(x) - reduce_min(y));
  pow(reduce_variance(x), 0.5f);
  pow(reduce_variance(x) + 1e-6f, -0.5f);
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(Lint, L007VarianceAsADifference) {
  const Tensor x = placeholder(kFloat32, {"n", 4}, "x");
  const Tensor mean = reduce_mean(x, 0);
  subtract(reduce_mean(square(x), 0), square(mean), "v1");
  subtract(reduce_mean(x * x, 0), pow(mean, 2), "v2");
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("DLC-L007 v1: 'v1' is the variance of 'x'"), HasSubstr("DLC-L007 v2")));
}

TEST_F(Lint, L007MeansAsSumsAndDifferencesAsSums) {
  const Tensor x = placeholder(kFloat32, {4}, "x"), m = reduce_mean(x);
  subtract(reduce_sum(square(x)) / 4, square(reduce_sum(x) / 4), "v1");
  subtract(reduce_sum(x * x) * 0.25f, square(0.25f * reduce_sum(x)), "v2");
  add(reduce_mean(square(x)), -square(m), "v3");
  add(-(m * m), reduce_mean(square(x)), "v4");
  const Tensor n = cast(size(x), kFloat32);
  subtract(reduce_sum(square(x)) / n, square(reduce_mean(x)), "v5");
  EXPECT_THAT(warnings(),
              ElementsAre(HasSubstr("DLC-L007 v1: "), HasSubstr("DLC-L007 v2: "), HasSubstr("DLC-L007 v3: "),
                          HasSubstr("DLC-L007 v4: "), HasSubstr("DLC-L007 v5: ")));
}

TEST_F(Lint, L007NotForOtherDifferences) {
  const Tensor x = placeholder(kFloat32, {"n", 4}, "x"), y = placeholder(kFloat32, {"n", 4}, "y");
  reduce_mean(square(x), 0) - square(reduce_mean(y, 0));
  reduce_mean(square(x), 0) - reduce_mean(x, 0);
  reduce_variance(x, 0);
  reduce_sum(square(x), 0) / 4 - square(reduce_sum(x, 0) / 3);  // no mean of both
  reduce_sum(square(x), 0) / reduce_sum(exp(y), 0) - square(reduce_sum(x, 0) / reduce_sum(exp(y), 0));  // weights
  reduce_mean(square(x), 0) + square(reduce_mean(x, 0));
  -reduce_mean(square(x), 0) + square(reduce_mean(x, 0));
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(Lint, L008TheSameLineAddsNodesBetweenRuns) {
  const Tensor x = placeholder(kFloat32, {}, "x");
  Session session(graph_, {.num_threads = 1, .lint = false});
  session.run(identity(x), {{x, Array::scalar(0.0f)}});
  for (int i = 0; i < 3; ++i) session.run(x + 1.0f, {{x, Array::scalar(1.0f)}});
  EXPECT_THAT(warnings(), IsEmpty()) << "now and then is no fault";
  for (int i = 0; i < 5; ++i) session.run(x * 2.0f, {{x, Array::scalar(1.0f)}});
  EXPECT_THAT(warnings(), ElementsAre(AllOf(HasSubstr("DLC-L008 multiply_4"), HasSubstr("between runs 5 times"))));
}

TEST_F(Lint, L008AGraphThatGrowsBesideTheStepThatIsRun) {
  const Tensor x = placeholder(kFloat32, {}, "x"), y = x + 1.0f;
  const Feeds feeds = {{x, Array::scalar(1.0f)}};
  Session session(graph_, {.num_threads = 1});
  session.run(y, feeds);
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 50; ++i) {
    identity(x);
    session.run(y, feeds);
  }
  const std::string printed = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(printed, AllOf(HasSubstr("added nodes between runs 4 times"), HasSubstr("[DLC-L008 graph-growing]")));
  EXPECT_EQ(printed.find("DLC-L008"), printed.rfind("DLC-L008")) << "told once";
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("between runs 50 times")));
}

TEST_F(Lint, L008NotForALoopOfRunsOrForLinesOneAfterTheOther) {
  const Tensor x = placeholder(kFloat32, {}, "x");
  const Feeds feeds = {{x, Array::scalar(1.0f)}};
  const Tensor y = x + 1.0f;
  Session session(graph_, {.num_threads = 1, .lint = false});
  for (int i = 0; i < 10; ++i) session.run(y, feeds);
  session.run(x + 1.0f, feeds);
  session.run(x + 2.0f, feeds);
  session.run(x + 3.0f, feeds);
  session.run(x + 4.0f, feeds);
  session.run(x + 5.0f, feeds);
  session.run(x + 6.0f, feeds);
  EXPECT_THAT(warnings(), IsEmpty());
}

// Silence ---------------------------------------------------------------------------------------------

TEST_F(Lint, SilenceByCodeNodeAndScope) {
  const Tensor x = placeholder(kFloat32, {"n"}, "x");
  log(sigmoid(x), "a");
  {
    const Scope scope = name_scope("inner");
    log(sigmoid(x), "b");
    log(sigmoid(x), "c");
  }
  log(sigmoid(x), "inner2");
  EXPECT_EQ(warnings().size(), 4u);
  silence("DLC-L007");
  EXPECT_EQ(warnings().size(), 4u) << "another rule";
  silence("DLC-L006", "a");
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr(" inner/b:"), HasSubstr(" inner/c:"), HasSubstr(" inner2:")));
  silence("DLC-L006", "inner");
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr(" inner2:"))) << "a scope is no prefix of names";
  silence("all");
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(Lint, SilenceInAScopeIsForThatScope) {
  const Tensor x = placeholder(kFloat32, {"n"}, "x");
  log(sigmoid(x), "outside");
  const Scope scope = name_scope("inner");
  silence("DLC-L006");
  log(sigmoid(x), "inside");
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr(" outside:")));
}

TEST_F(Lint, SilenceRefusesACodeThatNoRuleHas) {
  try {
    silence("DLC-L999");
    FAIL() << "no error";
  } catch (const Exception& e) {
    EXPECT_EQ(e.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(e.what(), AllOf(HasSubstr("'DLC-L999'"), HasSubstr("DLC-L001 to DLC-L008")));
  }
}

TEST_F(Lint, GraphFilesSilence) {
  const Graph file = value_or_throw(parse_graph(R"(x = placeholder(f32[n])
silence("DLC-L006", "a")
a = log(sigmoid(x))
name_scope("inner") {
  silence("DLC-L006")
  b = log(sigmoid(x))
}
c = log(sigmoid(x))
)"));
  ASSERT_EQ(lint(file).size(), 1u);
  EXPECT_EQ(lint(file)[0].node, "c");
  const Graph again = value_or_throw(parse_graph(print(file)));
  ASSERT_EQ(lint(again).size(), 1u);
  EXPECT_EQ(print(again), print(file));
  EXPECT_FALSE(parse_graph("silence(\"no such rule\")\n"));
  EXPECT_FALSE(parse_graph("silence()\n"));
}

TEST_F(Lint, SessionsPrintEachWarningOnce) {
  const Tensor x = placeholder(kFloat32, {2}, "x");
  const Tensor y = log(sigmoid(x));
  const Feeds feeds = {{x, Array(kFloat32, {2})}};
  ::testing::internal::CaptureStderr();
  {
    Session quiet(graph_, {.num_threads = 1, .lint = false});
    quiet.run(y, feeds);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  ::testing::internal::CaptureStderr();
  Session session(graph_, {.num_threads = 1}), other(graph_, {.num_threads = 1});
  session.run(y, feeds);
  session.run(x + y, feeds);
  other.run(y, feeds);
  const std::string printed = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(printed, HasSubstr("[DLC-L006 unguarded-log-or-division]"));
  EXPECT_EQ(printed.find("DLC-L006"), printed.rfind("DLC-L006"));
}

}  // namespace
}  // namespace dlc
