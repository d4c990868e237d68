// Random programs, held to the oracles of SEMANTICS.md. A failing one is printed with its seed.
//   DLC_SEED=17 DLC_RANDOM_PROGRAMS=1 backend_test --gtest_filter='RandomProgram*'
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "ir/interp/interpreter.h"
#include "ir/op_def.h"
#include "ir/verifier.h"
#include "runtime/context.h"
#include "tests/backend/compile_testing.h"
#include "tests/backend/plan_interpreter.h"
#include "tests/testing/error_estimate.h"
#include "tests/testing/random_program.h"

namespace dlc::backend::testing {
namespace {

using test::RandomProgram;

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

uint64_t first_seed() { return from_environment("DLC_SEED", 1); }
uint64_t num_programs() { return from_environment("DLC_RANDOM_PROGRAMS", 200); }

/// Elements that were compared, and those that no tolerance fits: rounding decides about them.
struct Tally {
  int64_t compared = 0, dropped = 0;
};

/// "" when `got` is as near to the truth as rounding lets it be. `runs`: the perturbed ones.
std::string compare(const Array& got, const Array& reference, const Array& truth, const std::vector<Array>& runs,
                    Tally& tally) {
  if (got.type_str() != reference.type_str()) return fmt::format("{} against {}", got.type_str(), reference.type_str());
  for (int64_t i = 0; i < got.num_elements(); ++i) {
    const double g = got.value_as_double(i), r = reference.value_as_double(i), t = truth.value_as_double(i);
    const auto differs_in_kind = [&](double x) {
      if (!is_float(got.dtype())) return x != t;
      return std::isnan(x) != std::isnan(t) || std::isinf(x) != std::isinf(t) || (std::isinf(t) && x != t);
    };
    double spread = std::abs(r - t);
    bool unstable = differs_in_kind(r);
    for (const Array& run : runs) {
      unstable |= differs_in_kind(run.value_as_double(i));
      spread = std::max(spread, std::abs(run.value_as_double(i) - t));
    }
    ++tally.compared;
    if (unstable || spread > 0.1 * std::abs(t) + 1e-3) {
      ++tally.dropped;
      continue;
    }
    const auto report = [&] {
      return fmt::format("element {}: {}, truth {}, reference {}, spread {}", i, g, t, r, spread);
    };
    if (differs_in_kind(g)) return report();
    if (!is_float(got.dtype()) || !std::isfinite(t)) continue;
    const double unit = got.dtype() == kFloat32 ? std::ldexp(1.0, -23) : std::ldexp(1.0, -52);
    const double bound = 8 * spread + 4 * unit * std::abs(t) + (got.dtype() == kFloat32 ? 1e-36 : 1e-300);
    if (std::abs(g - t) > bound) return report();
  }
  return "";
}

/// Against the interpreter of the IR, in the function's types and in f64.
void expect_meaning(const RandomProgram& p, const std::vector<Array>& results, Tally& tally) {
  const auto lowered = test::differentiated(*p.function);
  const auto reference = ir::interpret(*lowered, p.params);
  ASSERT_TRUE(reference.has_value()) << reference.error().str();
  std::vector<Array> wide;
  for (const Array& a : p.params) wide.push_back(a.dtype() == kFloat32 ? a.cast(kFloat64) : a);
  const auto truth = ir::interpret(*ir::promote_to_f64(*lowered), wide);
  ASSERT_TRUE(truth.has_value()) << truth.error().str();
  std::vector<std::vector<Array>> runs;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    auto perturbed = test::interpret_perturbed(*lowered, p.params, p.seed * 1000 + seed);
    ASSERT_TRUE(perturbed.has_value()) << perturbed.error().str();
    runs.push_back(std::move(perturbed).value());
  }
  for (size_t i = 0; i < results.size(); ++i) {
    std::vector<Array> of_result;
    for (const auto& run : runs) of_result.push_back(run[i]);
    EXPECT_EQ(compare(results[i], (*reference)[i], (*truth)[i], of_result, tally), "") << "result " << i;
  }
}

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

void check(const RandomProgram& p, Tally& tally, int& interpreted) {
  const auto fused = compile_function(*p.function), single = compile_function(*p.function, {.fuse = false});
  const RunOutcome base = run_program(fused, p.params);
  ASSERT_FALSE(base.fault) << base.fault->str();
  EXPECT_EQ(difference(base.results, run_program(single, p.params).results), "") << "with fusion off";
  for (const int threads : {2, 4})
    EXPECT_EQ(difference(base.results, run_program(fused, p.params, threads).results), "")
        << "on " << threads << " threads";
  if (!p.binding.empty()) {
    const auto bound = value_or_throw(p.function->specialize(p.binding));
    // That an axis is empty is an error where it is known, and a choice where it turns out so.
    const auto verified = ir::verify(*bound);
    const bool known_empty = !verified && verified.error().str().find("arg_reduce_c4") != std::string::npos;
    if (!known_empty) {
      EXPECT_EQ(difference(base.results, run_compiled(*bound, p.params).results), "") << "with sizes bound";
    }
  }
  expect_meaning(p, base.results, tally);
  // Narrower vectors, other registers, no fused multiply-add: other bits, the same meaning.
  const bool needs_fma = std::any_of(p.function->ops().begin(), p.function->ops().end(),
                                     [](const auto& op) { return op->is(ir::OpKind::kFma); });
  const std::string target = p.seed % 2 == 0 && !needs_fma ? "sse2" : "avx2";
  if (p.seed % 5 == 0) expect_meaning(p, run_compiled(*p.function, p.params, {.target = target}).results, tally);
  if (p.seed / 4 % 2 == 0) expect_loops(p, base.results, p.seed / 8 % 2 == 0, interpreted);
}

class RandomPrograms : public ::testing::TestWithParam<uint64_t> {};

/// Programs of one residue class, so that ctest can run the classes side by side.
TEST_P(RandomPrograms, MeetTheOracles) {
  constexpr uint64_t kClasses = 4;
  Tally tally;
  int interpreted = 0, programs = 0;
  for (uint64_t i = GetParam(); i < num_programs(); i += kClasses) {
    const RandomProgram p = test::random_program(first_seed() + i);
    ++programs;
    try {
      check(p, tally, interpreted);
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what();
    }
    if (HasFailure()) {
      ADD_FAILURE() << "of this program:\n" << p.str();
      return;
    }
  }
  EXPECT_LE(tally.dropped, tally.compared / 20) << "of " << tally.compared << " elements";
  if (programs >= 20) {
    EXPECT_GE(interpreted, programs / 4);
  }
  RecordProperty("dropped", static_cast<int>(tally.dropped));
}

TEST(RandomProgramGenerator, CoversTheOperatorsFromAnySeed) {
  std::map<std::string, int> programs_with;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    const RandomProgram p = test::random_program(seed);
    std::set<std::string> found;
    for (const auto& op : p.function->ops()) found.insert(op->name());
    if (!p.binding.empty()) found.insert("symbols");
    if (p.large) found.insert("large");
    for (int i = 0; i < p.function->num_results(); ++i)
      if (p.function->result_info(i).kind == ir::ResultKind::kUpdate) found.insert("update");
    for (const std::string& name : found) ++programs_with[name];
    if (seed % 50 == 0) {
      EXPECT_EQ(p.str(), test::random_program(seed).str());
    }
  }
  const std::set<std::string> never = {"override", "stop_gradient", "fusion"};
  for (const ir::OpKind kind : ir::all_ops()) {
    const std::string& name = ir::op_def(kind).name;
    if (!never.contains(name)) {
      EXPECT_GE(programs_with[name], 1) << name;
    }
  }
  for (const char* often : {"gradients", "symbols", "update", "reduce", "dot_general", "broadcast"})
    EXPECT_GE(programs_with[often], 20) << often;
  EXPECT_GE(programs_with["large"], 5);
}

/// Counts the threads that work on the regions of a run; each waits a while for the others.
struct Witness {
  dlc_task_fn fn = nullptr;
  void* closure = nullptr;
  size_t wanted = 1;
  std::mutex lock;
  std::condition_variable arrived;
  std::set<std::thread::id> seen;

  static void chunk(dlc_context* context, int64_t i, void* self) {
    auto& w = *static_cast<Witness*>(self);
    {
      std::unique_lock guard(w.lock);
      w.seen.insert(std::this_thread::get_id());
      w.arrived.notify_all();
      w.arrived.wait_for(guard, std::chrono::seconds(10), [&] { return w.seen.size() >= w.wanted; });
    }
    w.fn(context, i, w.closure);
  }
};

TEST(RandomProgramThreads, AsManyWorkAsAreAskedFor) {
  const auto f = parse_function(R"(func @f(%x: f32[400,500]) -> (f32[400,500]) {
    %0 = tanh(%x) : f32[400,500]
    %1 = exp(%0) : f32[400,500]
    return %1
  })");
  const auto program = compile_function(*f);
  const std::vector<Array> params = random_params(*f, {}, 1);
  for (const int threads : {1, 2, 4}) {
    static Witness* witness = nullptr;
    Witness here;
    here.wanted = static_cast<size_t>(threads);
    witness = &here;
    runtime::ThreadPool pool({.num_threads = threads});
    runtime::Context context({.pool = &pool});
    dlc_services services = *context.abi()->services;
    services.parallel_for = [](dlc_context* c, int64_t n, dlc_task_fn fn, void* closure) {
      witness->fn = fn;
      witness->closure = closure;
      const auto* host = static_cast<runtime::Context*>(c->host);
      host->pool()->parallel_for(c, n, Witness::chunk, witness, host->fp_mode());
    };
    context.abi()->services = &services;
    const auto run = value_or_throw(Execution::create(program, {}));
    Array result(kFloat32, {400, 500});
    void* in = const_cast<std::byte*>(params[0].bytes());
    void* out = result.bytes();
    value_or_throw(run->execute(context, {&in, 1}, {&out, 1}));
    EXPECT_EQ(here.seen.size(), static_cast<size_t>(threads));
    EXPECT_EQ(difference({result}, run_program(program, params).results), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomPrograms, ::testing::Range(uint64_t{0}, uint64_t{4}));

}  // namespace
}  // namespace dlc::backend::testing
