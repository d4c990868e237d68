// Random programs, held to the oracles of SEMANTICS.md. A failing one is printed with its seed.
//   DLC_SEED=17 DLC_RANDOM_PROGRAMS=1 backend_test --gtest_filter='RandomProgram*'
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "backend/native/native.h"
#include "ir/op_def.h"
#include "passes/pass_manager.h"
#include "tests/backend/compile_testing.h"
#include "tests/backend/plan_interpreter.h"
#include "tests/testing/random_builder.h"
#include "tests/testing/random_program.h"
#include "tools/oracles/hold.h"

namespace dlc::backend::testing {
namespace {

using test::RandomProgram;

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

uint64_t first_seed() { return from_environment("DLC_SEED", 1); }
uint64_t num_programs() { return from_environment("DLC_RANDOM_PROGRAMS", 300); }

/// How often this test has failed so far.
int num_failures() { return ::testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count(); }

/// Compiled code against the same loops in the interpreter, chunks in another order.
void expect_loops(const RandomProgram& p, const std::vector<Array>& results, bool fuse, int& interpreted) {
  const Plan plan = plan_function(*p.function, fuse);
  const auto verified = verify(plan);
  ASSERT_TRUE(verified.has_value()) << verified.error().str() << "\n" << print(plan);
  const auto out = interpret_plan(plan, p.binding, p.params, p.seed, 1000000);
  if (!out && out.error().str().find("steps") != std::string::npos) return;  // too long for a slow interpreter
  ASSERT_TRUE(out.has_value()) << out.error().str() << "\n" << print(plan);
  EXPECT_EQ(difference(results, out->results), "") << print(plan);
  ++interpreted;
}

/// Whether code for `target` can be had of this function and run here.
bool can_run(const RandomProgram& p, const std::string& target) {
  if (!runs_here(target)) return false;
  return target != "sse2" || std::none_of(p.function->ops().begin(), p.function->ops().end(),
                                          [](const auto& op) { return op->is(ir::OpKind::kFma); });
}

void check(const RandomProgram& p, oracles::Tally& tally, oracles::Regions& regions, int& interpreted) {
  auto meaning = value_or_throw(oracles::Meaning::of(*p.function, p.params, p.seed));
  ASSERT_FALSE(meaning.fault()) << meaning.fault()->str();
  const int failures_before = num_failures();
  const auto hold = [&](const ir::Function& f, const oracles::Ways& ways, const char* what) {
    oracles::Finding found = oracles::hold(f, p.params, meaning, ways, tally);
    EXPECT_EQ(found.kind, oracles::Finding::kNone) << "for " << ways.target << what << ": " << found.what;
    return std::move(found.results);
  };
  // Narrower vectors, other registers: the same bits. No fused multiply-add: other bits, the same meaning.
  std::vector<std::vector<Array>> with_fma;
  for (const char* target : {"avx512", "avx2", "sse2"}) {
    if (!can_run(p, target)) continue;
    std::vector<Array> results = hold(*p.function, {.target = target, .regions = &regions}, "");
    if (target != std::string("sse2")) with_fma.push_back(std::move(results));
  }
  if (with_fma.size() == 2) {
    EXPECT_EQ(difference(with_fma[0], with_fma[1]), "") << "between avx512 and avx2";
  }
  // What no pass has simplified means the same.
  if (p.seed % 4 == 0) hold(*p.function, {.unfused = false, .threads = {1}, .rewrite_limit = 0}, " without rewrites");
  if (num_failures() > failures_before) return;
  const RunOutcome base = run_compiled(*p.function, p.params);
  if (!p.binding.empty()) {
    // That an axis is empty is an error where it is known, and a choice where it turns out so.
    const auto bound = p.function->specialize(p.binding);
    if (!bound) {
      EXPECT_NE(bound.error().str().find("arg_reduce_c4"), std::string::npos) << bound.error().str();
    } else {
      EXPECT_EQ(difference(base.results, run_compiled(**bound, p.params).results), "") << "with sizes bound";
    }
  }
  if (p.seed / 4 % 2 == 0) expect_loops(p, base.results, p.seed / 8 % 2 == 0, interpreted);
}

class RandomPrograms : public ::testing::TestWithParam<uint64_t> {};

/// Programs of one residue class, so that ctest can run the classes side by side.
TEST_P(RandomPrograms, MeetTheOracles) {
  constexpr uint64_t kClasses = 4;
  constexpr int kMostFailing = 10;  // programs
  oracles::Tally tally;
  int interpreted = 0, programs = 0, large = 0, split = 0, failing = 0;
  oracles::Regions regions;
  for (uint64_t i = GetParam(); i < num_programs(); i += kClasses) {
    const RandomProgram p = test::random_program(first_seed() + i);
    ++programs;
    const int64_t split_before = regions.split;
    const int failures_before = num_failures();
    try {
      check(p, tally, regions, interpreted);
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what();
    }
    if (p.large) ++large;
    if (p.large && regions.split > split_before) ++split;
    if (num_failures() > failures_before) {
      ADD_FAILURE() << "of this program:\n" << p.str();
      if (++failing == kMostFailing) return;
    }
  }
  // Else runs on several threads show nothing.
  EXPECT_GE(split, large * 9 / 10) << "of " << large << " large programs have a region of several chunks";
  EXPECT_EQ(regions.shared, regions.split) << "regions had all their threads";
  if (programs >= 70) {
    EXPECT_LE(tally.dropped, tally.compared / 20) << "of " << tally.compared << " elements";
    EXPECT_GE(interpreted, programs / 4);
    EXPECT_GE(large, programs / 10);
    EXPECT_GE(regions.threads.size(), 4U);
  }
  for (const auto& [name, count] :
       std::initializer_list<std::pair<const char*, int64_t>>{{"dropped", tally.dropped},
                                                              {"programs", programs},
                                                              {"interpreted", interpreted},
                                                              {"large", large},
                                                              {"split_programs", split},
                                                              {"split_regions", regions.split},
                                                              {"shared_regions", regions.shared},
                                                              {"threads", std::ssize(regions.threads)}})
    RecordProperty(name, static_cast<int>(count));
}

/// What is left to compute once the program is simplified: x - x is 0, whatever would fail on the way to x.
std::unique_ptr<ir::Function> simplified(const ir::Function& f) {
  auto copy = f.clone();
  passes::PassContext context;
  value_or_throw(passes::PassManager().run(*copy, value_or_throw(passes::parse_pipeline("default")), context));
  return copy;
}

/// Compiled code reports the fault that the interpreter does, and leaves all variables as they were. Where the
/// fault is of a value that nothing needs, it is that of the simplified program, if any.
TEST(RandomProgramFaults, AreTheSameAsInTheInterpreter) {
  constexpr uint64_t kPrograms = 60;
  int faults = 0, simplified_away = 0;
  for (uint64_t seed = first_seed(); seed < first_seed() + kPrograms; ++seed) {
    const RandomProgram p = test::random_faulty_program(seed);
    oracles::Tally tally;
    try {
      auto meaning = value_or_throw(oracles::Meaning::of(*p.function, p.params, p.seed));
      if (meaning.fault()) ++faults;
      oracles::Finding found = oracles::hold(*p.function, p.params, meaning, {.threads = {1, 2}}, tally);
      if (found.kind == oracles::Finding::kDiffers) {
        ++simplified_away;
        auto rest = value_or_throw(oracles::Meaning::of(*simplified(*p.function), p.params, p.seed));
        found = oracles::hold(*p.function, p.params, rest, {.threads = {1, 2}}, tally);
      }
      EXPECT_EQ(found.kind, oracles::Finding::kNone) << found.what << "\n" << p.str();
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what() << "\n" << p.str();
    }
  }
  EXPECT_GE(faults, static_cast<int>(kPrograms) * 3 / 4);
  EXPECT_LE(simplified_away, static_cast<int>(kPrograms) / 10);
  RecordProperty("faults", faults);
}

TEST(RandomProgramGenerator, CoversTheOperatorsInAllTheirTypes) {
  std::map<std::string, int> programs_with;
  const auto text = [](const test::TypedOp& op) {
    return fmt::format("{} of {}", ir::op_def(op.kind).name, to_string(op.dtype));
  };
  constexpr uint64_t kPrograms = 300;  // as many as run by default, and the same
  for (uint64_t seed = 1; seed <= kPrograms; ++seed) {
    const RandomProgram p = test::random_program(seed);
    std::set<std::string> found;
    const auto of_gradients = test::ops_of_gradients(*p.function);
    const auto saw = [&](ir::Value v) {
      found.insert(fmt::format("rank {}", v.rank()));
      found.insert(fmt::format("type {}", to_string(v.dtype())));
      for (const ir::Dim& d : v.dims())
        if (d.is_constant())
          found.insert(d.is(0) ? "an empty axis" : d.constant() % 2 == 1 ? "an odd axis" : "an even axis");
    };
    for (int i = 0; i < p.function->num_params(); ++i) saw(p.function->param(i));
    for (const auto& op : p.function->ops()) {
      found.insert(op->name());
      found.insert(text(test::typed_op(*op)));
      for (int i = 0; i < op->num_results(); ++i) saw(op->result(i));
      if (op->is(ir::OpKind::kGradients) && of_gradients.contains(op->operand(0).op)) found.insert("second gradients");
    }
    if (!p.binding.empty()) found.insert("symbols");
    if (p.large) found.insert("large");
    for (int i = 0; i < p.function->num_results(); ++i)
      if (p.function->result_info(i).kind == ir::ResultKind::kUpdate) found.insert("update");
    for (const std::string& name : found) ++programs_with[name];
    if (seed % 50 == 0) {
      EXPECT_EQ(p.str(), test::random_program(seed).str());
    }
  }
  // A fusion is what the pass fuse makes of the others; no program begins with one.
  std::set<ir::OpKind> kinds = {ir::OpKind::kFusion, ir::OpKind::kGradients};
  for (const test::TypedOp& op : test::all_typed_ops()) {
    kinds.insert(op.kind);
    EXPECT_GE(programs_with[text(op)], 1) << text(op);
  }
  for (const ir::OpKind kind : ir::all_ops()) EXPECT_TRUE(kinds.contains(kind)) << ir::op_def(kind).name;
  for (const char* often : {"gradients", "symbols", "update", "reduce", "dot_general", "broadcast"})
    EXPECT_GE(programs_with[often], 20) << often;
  for (const char* seldom : {"second gradients", "an empty axis", "an odd axis", "an even axis", "gradients of f64"})
    EXPECT_GE(programs_with[seldom], 5) << seldom;
  EXPECT_GE(programs_with["large"], static_cast<int>(kPrograms) / 5);
  for (int rank = 0; rank <= 6; ++rank) EXPECT_GE(programs_with[fmt::format("rank {}", rank)], 10) << rank;
  for (const DType t : kAllDTypes) EXPECT_GE(programs_with[fmt::format("type {}", to_string(t))], 10) << to_string(t);
}

TEST(RandomProgramThreads, AsManyWorkAsAreAskedFor) {
  const auto f = parse_function(R"(func @f(%x: f32[400,500]) -> (f32[400,500]) {
    %0 = tanh(%x) : f32[400,500]
    %1 = exp(%0) : f32[400,500]
    return %1
  })");
  const auto program = compile_function(*f);
  const std::vector<Array> params = random_params(*f, {}, 1);
  const RunOutcome alone = run_program(program, params);
  for (const int threads : {2, 4}) {
    oracles::Regions regions;
    const RunOutcome outcome = value_or_throw(oracles::run_program(program, params, threads, &regions));
    EXPECT_EQ(regions.split, 1);
    EXPECT_EQ(regions.threads.size(), static_cast<size_t>(threads));
    EXPECT_EQ(difference(outcome.results, alone.results), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomPrograms, ::testing::Range(uint64_t{0}, uint64_t{4}));

}  // namespace
}  // namespace dlc::backend::testing
