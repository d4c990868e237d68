// The plan: what is updated in place and what needs a shadow, which calls are in which phase, and
// that broken plans are found.
#include "backend/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/backend/compile_testing.h"
#include "tests/backend/plan_interpreter.h"

namespace dlc::backend::testing {
namespace {

using ::testing::HasSubstr;

Plan plan_of(const std::string& text) {
  const Plan plan = plan_function(*parse_function(text));
  value_or_throw(verify(plan));
  return plan;
}

int count(const Plan& plan, PlanBuffer::Kind kind) {
  int n = 0;
  for (const PlanBuffer& b : plan.buffers) n += b.kind == kind ? 1 : 0;
  return n;
}

size_t num_calls(const Plan& plan) { return launches(plan).size(); }

TEST(Plan, AStepIsWrittenStraightToTheVariable) {
  const Plan plan = plan_of(R"(func @f(%g: f32[100], %w: f32[100] variable "w") -> (f32[100] update "w") {
    %0 = sub(%w, %g) : f32[100]
    return %0
  })");
  EXPECT_EQ(num_calls(plan), 1U) << print(plan);
  EXPECT_EQ(count(plan, PlanBuffer::kArena), 0) << print(plan);
  EXPECT_EQ(writers(plan, 1), std::vector<size_t>{0});
  EXPECT_FALSE(plan.can_fail());
}

TEST(Plan, ReadersOfTheOldValueComeFirst) {
  const std::string text = R"(func @f(%w: f32[6,6] variable "w") -> (f32[6,6] update "w", f32[6]) {
    %0 = mul(%w, %w) : f32[6,6]
    %1 = reduce(%w) {axes = [0], kind = "sum"} : f32[6]
    return %0, %1
  })";
  const Plan plan = plan_of(text);
  EXPECT_EQ(count(plan, PlanBuffer::kArena), 0) << print(plan);
  EXPECT_EQ(writers(plan, 0), std::vector<size_t>{1}) << print(plan);
  expect_oracles(text, {}, 24);
}

TEST(Plan, AValueThatIsReadElsewhereNeedsAShadow) {
  const std::string text = R"(func @f(%w: f32[6,6] variable "w") -> (f32[6,6] update "w") {
    %0 = transpose(%w) {permutation = [1,0]} : f32[6,6]
    %1 = add(%w, %0) : f32[6,6]
    return %1
  })";
  const Plan plan = plan_of(text);
  EXPECT_EQ(count(plan, PlanBuffer::kArena), 1) << print(plan);
  EXPECT_EQ(writers(plan, 0), std::vector<size_t>{1}) << print(plan);
  expect_oracles(text);
}

TEST(Plan, VariablesThatChangePlacesNeedOneShadow) {
  const auto f = parse_function(
      R"(func @f(%a: f32[6] variable "a", %b: f32[6] variable "b") -> (f32[6] update "a", f32[6] update "b") {
    return %b, %a
  })");
  const Plan plan = plan_function(*f);
  value_or_throw(verify(plan));
  EXPECT_EQ(count(plan, PlanBuffer::kArena), 1) << print(plan);
  const std::vector<Array> params = random_params(*f, {}, 1);
  const RunOutcome out = run_compiled(*f, params);
  EXPECT_TRUE(out.params[0].identical(params[1]));
  EXPECT_TRUE(out.params[1].identical(params[0]));
}

TEST(Plan, ChecksComeBeforeUpdates) {
  const Plan plan = plan_of(
      R"(func @f(%x: f32[5], %i: i32[3], %w: f32[4] variable "w") -> (f32[4] update "w", f32[3]) {
    %0 = mul(%w, %w) : f32[4]
    %1 = gather(%x, %i) {axis = 0} : f32[3] loc("lookup", "user.cpp":7:1)
    return %0, %1
  })");
  ASSERT_TRUE(plan.can_fail());
  EXPECT_EQ(calls_in_phase_1(plan), 1U) << print(plan);
  EXPECT_TRUE(plan.root.children[0].call.can_fail);
  EXPECT_EQ(writers(plan, 2), std::vector<size_t>{1}) << print(plan);
}

TEST(Plan, ACheckOfTheNewValueMakesAShadow) {
  const auto f = parse_function(
      R"(func @f(%x: f32[5], %w: i32[3] variable "w") -> (i32[3] update "w", f32[3]) {
    %0 = add(%w, %w) : i32[3]
    %1 = gather(%x, %0) {axis = 0} : f32[3]
    return %0, %1
  })");
  const Plan plan = plan_function(*f, /*fuse=*/false);
  value_or_throw(verify(plan));
  EXPECT_EQ(count(plan, PlanBuffer::kArena), 1) << print(plan);
  ASSERT_EQ(writers(plan, 1).size(), 1U) << print(plan);
  EXPECT_GE(writers(plan, 1)[0], calls_in_phase_1(plan));
  std::vector<Array> params = random_params(*f, {}, 1);
  params[1] = Array::of<int32_t>({3}, {0, 1, 3});
  for (const bool fuse : {true, false}) {
    const RunOutcome out = run_compiled(*f, params, {.fuse = fuse});
    ASSERT_TRUE(out.fault);
    EXPECT_TRUE(out.params[1].identical(params[1]));
  }
}

TEST(Plan, UpdatesThroughReshapes) {
  const std::string text = R"(func @f(%v: f32[4,6], %w: f32[24] variable "w", %u: f32[2,12] variable "u") -> (
      f32[24] update "w", f32[2,12] update "u", f32[24]) {
    %0 = reshape(%w) {dims = <4,6>} : f32[4,6]
    %1 = add(%0, %v) : f32[4,6]
    %2 = reshape(%1) {dims = <24>} : f32[24]
    %3 = reshape(%w) {dims = <2,12>} : f32[2,12]
    return %2, %3, %w
  })";
  plan_of(text);
  expect_oracles(text);
}

/// Layers that differ in the seeds of their initial values alone have one kernel.
TEST(Plan, SeedsAreNoPartOfAKernel) {
  const Plan plan = plan_of(R"(func @f(%s: u64[] rng_state) -> (u32[400], u32[500]) {
    %0 = rng_bits(%s) {dims = <400>, graph_seed = 1, op_seed = 1000} : u32[400]
    %1 = rng_bits(%s) {dims = <500>, graph_seed = 1, op_seed = 2} : u32[500]
    return %0, %1
  })");
  EXPECT_EQ(plan.kernels.size(), 1U) << print(plan);
}

/// Two regions that are equal but for their seeds, and two draws in one region.
TEST(Plan, EqualRegionsKeepTheirOwnSeeds) {
  const char* text = R"(func @f(%s: u64[] rng_state, %x: u32[400]) -> (u32[400], u32[400], u32[400]) {
    %0 = rng_bits(%s) {dims = <400>, graph_seed = 1, op_seed = 1} : u32[400]
    %1 = add(%0, %x) : u32[400]
    %2 = rng_bits(%s) {dims = <400>, graph_seed = 1, op_seed = 2} : u32[400]
    %3 = add(%2, %x) : u32[400]
    %4 = rng_bits(%s) {dims = <400>, graph_seed = 3, op_seed = 1} : u32[400]
    %5 = rng_bits(%s) {dims = <400>, graph_seed = 3, op_seed = 2} : u32[400]
    %6 = xor(%4, %5) : u32[400]
    return %1, %3, %6
  })";
  const Plan plan = plan_of(text);
  EXPECT_EQ(num_calls(plan), 3U) << print(plan);
  EXPECT_EQ(plan.kernels.size(), 2U) << print(plan);
  expect_oracles(text);
}

TEST(Plan, EqualKernelsAreOne) {
  const Plan plan = plan_of(R"(func @f(%x: f32[1000], %y: f32[2000]) -> (f32[1000], f32[2000]) {
    %0 = scan(%x) {axis = 0, kind = "sum"} : f32[1000]
    %1 = scan(%y) {axis = 0, kind = "sum"} : f32[2000]
    return %0, %1
  })");
  EXPECT_EQ(num_calls(plan), 2U) << print(plan);
  EXPECT_EQ(plan.kernels.size(), 1U) << print(plan);
}

/// Two calls with a buffer between them, a check, and an update.
Plan sound_plan() {
  return plan_of(
      R"(func @f(%x: f32[6,7], %i: i32[3], %w: f32[6] variable "w") -> (f32[3,6], f32[6] update "w") {
    %0 = reduce(%x) {axes = [1], kind = "sum"} : f32[6]
    %1 = scan(%0) {axis = 0, kind = "sum"} : f32[6]
    %2 = gather(%x, %i) {axis = 0} : f32[3,7]
    %3 = reduce(%2) {axes = [1], kind = "max"} : f32[3]
    %4 = broadcast(%3) {axes = [0], dims = <3,6>} : f32[3,6]
    %5 = mul(%w, %1) : f32[6]
    return %4, %5
  })");
}

/// Three updates of one form, one of which reads what another call needs of the old values.
Plan plan_with_sweep() {
  return plan_of(R"(func @f(%g: f32[7], %h: f32[9], %u: f32[7] variable "u", %v: f32[9] variable "v") -> (
      f32[7] update "u", f32[9] update "v", f32[7]) {
    %0 = sub(%u, %g) : f32[7]
    %1 = sub(%v, %h) : f32[9]
    %2 = scan(%u) {axis = 0, kind = "sum"} : f32[7]
    return %0, %1, %2
  })");
}

void expect_broken(Plan plan, const std::function<void(Plan&, std::vector<PlanNode>&)>& breaks,
                   const std::string& message) {
  breaks(plan, plan.root.children);
  const auto verified = verify(plan);
  ASSERT_FALSE(verified.has_value()) << message << "\n" << print(plan);
  EXPECT_EQ(verified.error().code, ErrorCode::kInternal);
  EXPECT_THAT(verified.error().str(), HasSubstr(message));
}

PlanNode& phase(std::vector<PlanNode>& nodes) {
  return *std::find_if(nodes.begin(), nodes.end(), [](const PlanNode& n) { return n.kind == PlanNode::kPhase; });
}

PlanNode& sweep(std::vector<PlanNode>& nodes) {
  return *std::find_if(nodes.begin(), nodes.end(), [](const PlanNode& n) { return n.kind == PlanNode::kPar; });
}

int find_buffer(const Plan& plan, PlanBuffer::Kind kind) {
  for (size_t i = 0; i < plan.buffers.size(); ++i)
    if (plan.buffers[i].kind == kind) return static_cast<int>(i);
  return -1;
}

using Nodes = std::vector<PlanNode>;

TEST(PlanVerifier, NothingInPhase2CanFail) {
  expect_broken(sound_plan(), [](Plan&, Nodes& n) { n.back().call.can_fail = true; }, "of phase 2 can fail");
}

TEST(PlanVerifier, VariablesAreWrittenInPhase2) {
  expect_broken(sound_plan(), [](Plan&, Nodes& n) { std::swap(phase(n), n.back()); }, "writes variable %2 in phase 1");
}

TEST(PlanVerifier, ThereAreTwoPhases) {
  expect_broken(sound_plan(), [](Plan&, Nodes& n) { n.push_back(phase(n)); }, "begins twice");
}

TEST(PlanVerifier, FeedsAreNotWritten) {
  expect_broken(sound_plan(), [](Plan& p, Nodes&) { p.params[2].info.kind = ir::ParamKind::kFeed; }, "writes feed");
}

TEST(PlanVerifier, ConstantsAreNotWritten) {
  expect_broken(sound_plan(), [](Plan& p, Nodes&) { p.buffers[2].kind = PlanBuffer::kConstant; }, "writes constant %2");
}

TEST(PlanVerifier, BuffersAreWrittenBeforeTheyAreRead) {
  expect_broken(
      sound_plan(),
      [](Plan& p, Nodes& n) {
        n.erase(n.begin());
        for (PlanBuffer& b : p.buffers) b.first_call = 0;
      },
      "before it is written");
}

TEST(PlanVerifier, OldValuesOfVariablesAreReadBeforeTheNewOnesAreWritten) {
  // The scan, which needs the old u, and the updates change places.
  expect_broken(
      plan_with_sweep(),
      [](Plan&, Nodes& n) {
        const auto reader =
            std::find_if(n.begin(), n.end(), [](const PlanNode& c) { return c.kind == PlanNode::kCall; });
        n.push_back(*reader);
        n.erase(reader);
      },
      "reads value 0 of buffer %2 ('u'), which holds its value 1 then");
}

TEST(PlanVerifier, NewValuesAreNotReadBeforeTheyAreWritten) {
  expect_broken(
      plan_with_sweep(), [](Plan&, Nodes& n) { sweep(n).children[0].call.args[0].reads = 1; },
      "reads value 1 of buffer %");
}

TEST(PlanVerifier, ArenaBuffersHoldTheValueThatIsMeant) {
  // The middle of three values that one buffer holds is never made.
  const Plan chain = plan_of(R"(func @f(%x: f32[70000]) -> (f32[70000]) {
    %0 = scan(%x) {axis = 0, kind = "sum"} : f32[70000]
    %1 = exp(%0) : f32[70000]
    %2 = scan(%1) {axis = 0, kind = "sum"} : f32[70000]
    return %2
  })");
  expect_broken(chain, [](Plan&, Nodes& n) { n.erase(n.begin() + 1); }, "reads value 1 of buffer %2");
}

TEST(PlanVerifier, NoValueIsWrittenTwice) {
  expect_broken(sound_plan(), [](Plan&, Nodes& n) { n.push_back(n.back()); }, "which holds its value 1 then");
  expect_broken(
      sound_plan(),
      [](Plan& p, Nodes& n) {
        n.insert(n.begin(), n[0]);
        for (PlanBuffer& b : p.buffers) b.first_call = 0, b.last_call = 100;
      },
      "writes value 0 of buffer");
}

TEST(PlanVerifier, BuffersAreUsedWhileTheyLive) {
  expect_broken(
      sound_plan(),
      [](Plan& p, Nodes&) { p.buffers[static_cast<size_t>(find_buffer(p, PlanBuffer::kArena))].last_call = -1; },
      "outside its life");
}

TEST(PlanVerifier, TypesFit) {
  expect_broken(sound_plan(), [](Plan& p, Nodes&) { p.buffers[0].dtype = kFloat64; }, "has another type");
}

TEST(PlanVerifier, CallsFitTheirKernels) {
  expect_broken(sound_plan(), [](Plan&, Nodes& n) { n[0].call.args.clear(); }, "does not fit");
  expect_broken(sound_plan(), [](Plan&, Nodes& n) { n[0].call.scalars.emplace_back(); }, "does not fit");
  expect_broken(sound_plan(), [](Plan&, Nodes& n) { n[0].kind = PlanNode::kPar; }, "do not agree on rows");
  expect_broken(
      sound_plan(), [](Plan&, Nodes& n) { n[0].call.args[0].writes = 1; },
      "is written, which its kernel does otherwise");
}

TEST(PlanVerifier, BuffersAreAloneWhereAKernelWantsIt) {
  // A reduction reads along rows while it writes: its result may not be its operand.
  expect_broken(
      sound_plan(),
      [](Plan& p, Nodes& n) {
        std::vector<PlanArg>& args = n[0].call.args;
        args[1].buffer = args[0].buffer;
        p.params[0].info.kind = ir::ParamKind::kVariable;
      },
      "is passed twice where it must be alone");
}

TEST(PlanVerifier, RowsOfASweepAreIndependent) {
  expect_broken(
      plan_with_sweep(), [](Plan&, Nodes& n) { sweep(n).children[1].call.args[1] = {.buffer = 2, .reads = 0}; },
      "writes buffer %2 of row 1: they are not independent");
  expect_broken(
      plan_with_sweep(), [](Plan&, Nodes& n) { sweep(n).children[1] = sweep(n).children[0]; },
      "they are not independent");
}

TEST(PlanVerifier, RowsArePlainCallsOfTheKernel) {
  expect_broken(plan_with_sweep(), [](Plan&, Nodes& n) { sweep(n).children[1].call.kernel = 1; }, "is no plain row");
  expect_broken(plan_with_sweep(), [](Plan&, Nodes& n) { sweep(n).children[1].call.args.pop_back(); }, "does not fit");
}

TEST(PlanVerifier, EveryResultIsWritten) {
  expect_broken(
      sound_plan(),
      [](Plan& p, Nodes&) { p.buffers.push_back({PlanBuffer::kResult, 7, kFloat32, ir::Dim(3), -1, -1, ""}); },
      "never written");
}

TEST(PlanVerifier, EveryUpdateIsWritten) {
  expect_broken(sound_plan(), [](Plan&, Nodes& n) { n.pop_back(); }, "the update of variable 'w' is never written");
}

TEST(CheckedRun, KeepsGapsBetweenBuffers) {
  // Buffers that end off a cache line: every byte behind them is looked after.
  const auto f = parse_function(R"(func @f(%x: f32[33,7]) -> (f32[7,7]) {
    %0 = softmax(%x) {axis = 0} : f32[33,7]
    %1 = dot_general(%0, %x) {lhs_batch = [], lhs_contract = [0], rhs_batch = [], rhs_contract = [0]} : f32[7,7]
    return %1
  })");
  expect_oracles(*f, random_params(*f, {}, 1), 33);
}

}  // namespace
}  // namespace dlc::backend::testing
