// Random programs, held to the oracles of SEMANTICS.md. A failing one is printed with its seed.
//   DLC_SEED=17 DLC_RANDOM_PROGRAMS=1 backend_test --gtest_filter='RandomProgram*'
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "ir/interp/interpreter.h"
#include "ir/verifier.h"
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

INSTANTIATE_TEST_SUITE_P(Seeds, RandomPrograms, ::testing::Range(uint64_t{0}, uint64_t{4}));

}  // namespace
}  // namespace dlc::backend::testing
