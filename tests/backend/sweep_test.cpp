// Sweeps: which calls become rows of one launch, that the bits stay, and that chunks cover all work.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/plan/plan.h"
#include "tests/backend/compile_testing.h"
#include "tests/backend/plan_interpreter.h"
#include "tests/testing/random_program.h"

namespace dlc::backend::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Plan swept_plan(const std::string& text) {
  const Plan plan = plan_function(*parse_function(text));
  value_or_throw(verify(plan));
  return plan;
}

/// The number of rows of each sweep, in order.
std::vector<size_t> sweeps(const Plan& plan) {
  std::vector<size_t> rows;
  for (const PlanNode* launch : launches(plan))
    if (launch->kind == PlanNode::kPar) rows.push_back(launch->children.size());
  return rows;
}

/// Compiled with and without sweeps, on several threads, and interpreted with races looked for: one set of bits.
void expect_same_bits(const std::string& text) {
  const auto f = parse_function(text);
  const std::vector<Array> params = random_params(*f, {}, 7);
  const RunOutcome single = run_compiled(*f, params, {.fuse = false});
  for (const int threads : {1, 2, 4}) {
    const RunOutcome swept = run_compiled(*f, params, {.threads = threads});
    EXPECT_EQ(difference(single.results, swept.results), "") << threads << " threads";
    EXPECT_EQ(difference(single.params, swept.params), "") << threads << " threads";
  }
  for (const uint64_t chunk_seed : {0, 5}) {
    const auto interpreted = interpret_plan(plan_function(*f), {}, params, chunk_seed);
    ASSERT_TRUE(interpreted.has_value()) << interpreted.error().str();
    EXPECT_EQ(difference(single.results, interpreted->results), "");
    EXPECT_EQ(difference(single.params, interpreted->params), "");
  }
}

/// Momentum for variables of these sizes: two updates each, with a rate that is read from memory.
std::string momentum(const std::vector<int64_t>& sizes) {
  std::string params = "%rate: f32[]", body, results, returned;
  int next = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const std::string t = fmt::format("f32[{}]", sizes[i]);
    params += fmt::format(R"(, %g{0}: {1}, %w{0}: {1} variable "w{0}", %m{0}: {1} variable "m{0}")", i, t);
    const std::string rate = fmt::format("%{}", next++), m = fmt::format("%{}", next++), w = fmt::format("%{}", next++);
    body += fmt::format("  {} = broadcast(%rate) {{axes = [], dims = <{}>}} : {}\n", rate, sizes[i], t);
    body += fmt::format("  {} = add(%m{}, %g{}) : {}\n", m, i, i, t);
    const std::string step = fmt::format("%{}", next++);
    body += fmt::format("  {} = mul({}, {}) : {}\n", w, rate, m, t);
    body += fmt::format("  {} = add(%w{}, {}) : {}\n", step, i, w, t);
    results += fmt::format(R"({}{} update "w{}", {} update "m{}")", i == 0 ? "" : ", ", t, i, t, i);
    returned += fmt::format("{}{}, {}", i == 0 ? "" : ", ", step, m);
  }
  return fmt::format("func @f({}) -> ({}) {{\n{}  return {}\n}}", params, results, body, returned);
}

TEST(Sweep, UpdatesOfOneFormAreOneLaunchWhateverTheirSizes) {
  const std::string text = momentum({7, 10, 2, 64, 300, 17});
  const Plan plan = swept_plan(text);
  EXPECT_EQ(launches(plan).size(), 1U) << print(plan);
  EXPECT_THAT(sweeps(plan), ElementsAre(6));
  // In place: no memory but the variables and gradients.
  for (const PlanBuffer& b : plan.buffers) EXPECT_NE(b.kind, PlanBuffer::kArena) << print(plan);
  expect_same_bits(text);
}

TEST(Sweep, ChunksHoldManySmallRowsOrAPartOfALargeOne) {
  const std::string text = momentum({60000, 5, 65536, 64, 12345, 2, 40000});
  const Plan plan = swept_plan(text);
  EXPECT_THAT(sweeps(plan), ElementsAre(7)) << print(plan);
  const PlanNode& launch = *launches(plan)[0];
  const auto list = [&](size_t arg) {
    return plan.constants[static_cast<size_t>(plan.buffers[static_cast<size_t>(launch.call.args[arg].buffer)].index)];
  };
  EXPECT_GT(list(0).num_elements(), 3) << "more than two chunks";
  EXPECT_GT(list(1).num_elements(), 3 * 7) << "a row in pieces";
  expect_same_bits(text);
}

TEST(Sweep, EqualBodiesShareAKernelWhateverTheRows) {
  EXPECT_EQ(swept_plan(momentum({7, 10})).kernels[0].name, swept_plan(momentum({100, 3, 5, 11})).kernels[0].name);
}

TEST(Sweep, AlsoOfCallsThatAreNoUpdates) {
  const std::string text = R"(func @f(%x: f32[9], %y: f32[2,6]) -> (f32[9], f32[2,6], f64[3]) {
    %0 = tanh(%x) : f32[9]
    %1 = tanh(%y) : f32[2,6]
    %2 = iota() {axis = 0, dims = <3>, dtype = f64} : f64[3]
    return %0, %1, %2
  })";
  EXPECT_THAT(sweeps(swept_plan(text)), ElementsAre(2));
  expect_same_bits(text);
}

TEST(Sweep, CommitsOfShadowsAreSwept) {
  const std::string text = R"(func @f(%a: f32[4,4] variable "a", %b: f32[5,5] variable "b") -> (
      f32[4,4] update "a", f32[5,5] update "b") {
    %0 = transpose(%a) {permutation = [1,0]} : f32[4,4]
    %1 = add(%a, %0) : f32[4,4]
    %2 = transpose(%b) {permutation = [1,0]} : f32[5,5]
    %3 = sub(%b, %2) : f32[5,5]
    return %1, %3
  })";
  EXPECT_THAT(sweeps(swept_plan(text)), ElementsAre(2)) << print(swept_plan(text));
  expect_same_bits(text);
}

TEST(Sweep, MemoryThatARowIsDoneWithServesItsResultUnlessAnotherRowReadsIt) {
  // Both rows read the scan, which neither may overwrite.
  const std::string text = R"(func @f(%x: f32[8], %y: f32[8]) -> (f32[8], f32[8]) {
    %0 = scan(%x) {axis = 0, kind = "sum"} : f32[8]
    %1 = mul(%0, %x) : f32[8]
    %2 = mul(%0, %y) : f32[8]
    %3 = scan(%1) {axis = 0, kind = "sum"} : f32[8]
    %4 = scan(%2) {axis = 0, kind = "sum"} : f32[8]
    return %3, %4
  })";
  EXPECT_THAT(sweeps(swept_plan(text)), ElementsAre(2)) << print(swept_plan(text));
  expect_same_bits(text);
}

TEST(Sweep, NotWhatDiffersNorWhatIsLargeNorWhatWaits) {
  const std::vector<std::string> bodies = {
      // Other ops, and another constant.
      R"(func @f(%x: f32[9], %y: f32[6]) -> (f32[9], f32[6]) {
        %0 = tanh(%x) : f32[9]
        %1 = exp(%y) : f32[6]
        return %0, %1
      })",
      R"(func @f(%x: f32[9], %y: f32[6]) -> (f32[9], f32[6]) {
        %0 = constant() {value = f32[] {0.25}} : f32[]
        %1 = broadcast(%0) {axes = [], dims = <9>} : f32[9]
        %2 = constant() {value = f32[] {0.75}} : f32[]
        %3 = broadcast(%2) {axes = [], dims = <6>} : f32[6]
        %4 = mul(%x, %1) : f32[9]
        %5 = mul(%y, %3) : f32[6]
        return %4, %5
      })",
      // Another type; more than element-wise.
      R"(func @f(%x: f32[9], %y: f64[9], %z: f32[3,4], %v: f32[4]) -> (f32[9], f64[9], f32[3,4]) {
        %0 = mul(%x, %x) : f32[9]
        %1 = mul(%y, %y) : f64[9]
        %2 = broadcast(%v) {axes = [1], dims = <3,4>} : f32[3,4]
        %3 = mul(%z, %2) : f32[3,4]
        return %0, %1, %3
      })",
      // Large, and of a size that is not known.
      R"(func @f(%x: f32[65537], %y: f32[n], %z: f32[6]) -> (f32[65537], f32[n], f32[6]) {
        %0 = tanh(%x) : f32[65537]
        %1 = tanh(%y) : f32[n]
        %2 = tanh(%z) : f32[6]
        return %0, %1, %2
      })",
      // One needs the other.
      R"(func @f(%x: f32[9]) -> (f32[9]) {
        %0 = tanh(%x) : f32[9]
        %1 = scan(%0) {axis = 0, kind = "sum"} : f32[9]
        %2 = tanh(%1) : f32[9]
        return %2
      })",
      // What can fail stays a call with checks of its own.
      R"(func @f(%x: i32[9], %y: i32[9], %z: i32[5]) -> (i32[9], i32[5]) {
        %0 = div(%x, %y) : i32[9]
        %1 = div(%z, %z) : i32[5]
        return %0, %1
      })"};
  for (const std::string& body : bodies) EXPECT_THAT(sweeps(swept_plan(body)), IsEmpty()) << body;
}

TEST(Sweep, OccursInRandomPrograms) {
  // So that the oracles of random_program_test.cpp are held to it too.
  int programs = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed)
    programs += sweeps(plan_function(*test::random_program(seed).function)).empty() ? 0 : 1;
  EXPECT_GE(programs, 3);
}

TEST(Sweep, NoneWithFusionOff) {
  EXPECT_THAT(sweeps(plan_function(*parse_function(momentum({7, 10})), /*fuse=*/false)), IsEmpty());
}

}  // namespace
}  // namespace dlc::backend::testing
