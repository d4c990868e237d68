// Programs at the edges of what kernels take: no elements, one element, scalars, mixed types. Most
// of them are what random programs found.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "backend/native/target.h"
#include "ir/interp/interpreter.h"
#include "tests/backend/compile_testing.h"
#include "tests/backend/plan_interpreter.h"

namespace dlc::backend::testing {
namespace {

/// Runs the plan on memory that ends where the buffers do.
RunOutcome interpreted(const ir::Function& f, const ir::SymbolBinding& binding, const std::vector<Array>& params,
                       bool fuse) {
  return value_or_throw(interpret_plan(plan_function(f, fuse), binding, params));
}

TEST(CompileEdges, IntegersReducedOverAxesApart) {
  expect_oracles(R"(func @f(%x: i64[5,3,3]) -> (i64[3], i64[3]) {
    %0 = reduce(%x) {axes = [0,2], kind = "sum"} : i64[3]
    %1 = reduce(%x) {axes = [0,2], kind = "prod"} : i64[3]
    return %0, %1
  })");
}

/// Longer than the code generator's recursion is deep: kernels have a limit.
TEST(CompileEdges, TenThousandOperationsInARow) {
  std::string text = "func @f(%x: f32[4]) -> (f32[4]) {\n  %0 = neg(%x) : f32[4]\n";
  for (int i = 1; i < 10000; ++i)
    text += fmt::format("  %{} = {}(%{}) : f32[4]\n", i, i % 2 == 0 ? "neg" : "tanh", i - 1);
  expect_oracles(text + "  return %9999\n}");
}

/// Rows of 3 in vectors of 2 and more: the quotient of lanes that do not exist is 0/0, which must not reach the sum.
/// LLVM took it to be 0 for SSE2.
TEST(CompileEdges, QuotientsOfMaskedLanes) {
  const auto f = parse_function(R"(func @f(%x: f64[17,3], %y: f64[17,3], %z: f64[17,3]) -> (f64[17]) {
    %0 = div(%x, %y) : f64[17,3]
    %1 = min(%z, %0) : f64[17,3]
    %2 = reduce(%1) {axes = [1], kind = "sum"} : f64[17]
    return %2
  })");
  const std::vector<Array> params = random_params(*f, {}, 1);
  for (const char* target : {"sse2", "avx2", "avx512"}) {
    if (!runs_here(target)) continue;
    const RunOutcome fused = run_compiled(*f, params, {.target = target});
    EXPECT_EQ(difference(fused.results, run_compiled(*f, params, {.fuse = false, .target = target}).results), "")
        << target;
  }
  expect_oracles(*f, params);
}

/// The kernel that the second check joins is the first of the plan: the fault that is told is still the first of the
/// program, and within a kernel, too.
TEST(CompileEdges, OfSeveralFaultsTheFirstOfTheProgramIsTold) {
  const auto f = parse_function(R"(func @f(%x: f32[4], %i: i32[4], %a: i32[4], %b: i32[4]) -> (f32[4], i32[4], i32[4]) {
    %0 = add(%a, %b) : i32[4]
    %1 = gather(%x, %i) : f32[4] loc("first", "model.dlc":1:1)
    %2 = rem(%0, %b) : i32[4] loc("second", "model.dlc":2:1)
    %3 = div(%2, %b) : i32[4] loc("third", "model.dlc":3:1)
    return %1, %3, %2
  })");
  const auto fault = [&](const std::vector<int32_t>& i, const std::vector<int32_t>& b) {
    const std::vector<Array> params = {Array::full(kFloat32, {4}, 1), Array::of<int32_t>({4}, i),
                                       Array::full(kInt32, {4}, 6), Array::of<int32_t>({4}, b)};
    std::string told;
    for (const bool fuse : {true, false}) {
      const RunOutcome outcome = run_compiled(*f, params, {.fuse = fuse});
      const std::string message = outcome.fault ? outcome.fault->message : "";
      EXPECT_TRUE(fuse || message == told) << message << " and " << told;
      told = message;
    }
    return told;
  };
  EXPECT_NE(fault({0, 1, 9, 3}, {1, 0, 1, 1}).find("'first': index out of range: element 2"), std::string::npos);
  EXPECT_NE(fault({0, 1, 2, 3}, {1, 1, 1, 0}).find("'second'"), std::string::npos);
  EXPECT_EQ(fault({0, 1, 2, 3}, {1, 1, 1, 1}), "");
}

/// Operands that are subnormal are 0, in compiled code and in references, which compute in wider types.
TEST(CompileEdges, SubnormalsInMathematics) {
  const std::vector<std::string> functions = {"cbrt", "log",  "log1p", "exp",   "expm1", "sin",   "tan",
                                              "atan", "sinh", "tanh",  "asinh", "erf",   "rsqrt", "sqrt"};
  for (const auto& [dtype, x] : {std::pair{"f64", Array::of<double>({4}, {5e-320, -5e-320, 1e-310, 2})},
                                 {"f32", Array::of<float>({4}, {1e-44F, -1e-44F, 1e-39F, 2})}}) {
    // What a function passes on as it is, as sin does with little numbers, need not be flushed.
    const double smallest =
        x.dtype() == kFloat64 ? std::numeric_limits<double>::min() : std::numeric_limits<float>::min();
    for (const std::string& function : functions) {
      SCOPED_TRACE(function);
      const auto f = parse_function(fmt::format(
          "func @f(%x: {0}[4]) -> ({0}[4]) {{\n  %0 = {1}(%x) : {0}[4]\n  return %0\n}}\n", dtype, function));
      const Array got = run_compiled(*f, {x}).results[0], expected = value_or_throw(ir::interpret(*f, {x}))[0];
      for (int64_t i = 0; i < 4; ++i) {
        const double g = got.value_as_double(i), e = expected.value_as_double(i);
        EXPECT_TRUE(g == e || (std::isnan(g) && std::isnan(e)) || std::abs(g - e) <= 1e-6 * std::abs(e) + smallest)
            << "element " << i << ": " << g << ", the interpreter gives " << e;
      }
    }
  }
}

TEST(CompileEdges, FalseIsLessThanTrue) {
  expect_oracles(R"(func @f(%x: bool[5,3], %y: bool[5,3]) -> (bool[5,3], bool[5,3], i64[5], i32[3]) {
    %0 = compare(%x, %y) {direction = "lt"} : bool[5,3]
    %1 = compare(%x, %y) {direction = "ge"} : bool[5,3]
    %2 = arg_reduce(%x) {axis = 1, dtype = i64, kind = "max"} : i64[5]
    %3 = arg_reduce(%x) {axis = 0, dtype = i32, kind = "min"} : i32[3]
    return %0, %1, %2, %3
  })");
}

TEST(CompileEdges, ClampWithCrossedBounds) {
  expect_oracles(R"(func @f(%x: f32[9], %lo: f32[9], %hi: f32[9]) -> (f32[9]) {
    %0 = clamp(%lo, %x, %hi) : f32[9]
    return %0
  })");
}

TEST(CompileEdges, NoElements) {
  expect_oracles(
      R"(func @f(%x: f32[0,5], %y: f32[5,0], %w: f32[0,5]) -> (f32[0,5], f32[5], f32[0], f32[5,5], f32[0,0], f32[]) {
    %0 = mul(%x, %w) : f32[0,5]
    %1 = reduce(%0) {axes = [0], kind = "sum"} : f32[5]
    %2 = reduce(%x) {axes = [1], kind = "max"} : f32[0]
    %3 = dot_general(%y, %x) {lhs_batch = [], lhs_contract = [1], rhs_batch = [], rhs_contract = [0]} : f32[5,5]
    %4 = dot_general(%x, %y) {lhs_batch = [], lhs_contract = [1], rhs_batch = [], rhs_contract = [0]} : f32[0,0]
    %5 = reduce(%x) {axes = [0,1], kind = "prod"} : f32[]
    return %0, %1, %2, %3, %4, %5
  })");
}

/// Positions in a row of masked-off lanes are split by sizes that may turn out to be 0, which ended the process.
TEST(CompileEdges, RowsThatTurnOutToBeEmpty) {
  const std::string text = R"(func @f(%x: f32[n,16], %y: i32[n,m,5]) -> (f32[], i32[5]) {
    %0 = transpose(%x) {permutation = [1,0]} : f32[16,n]
    %1 = reduce(%0) {axes = [0,1], kind = "sum"} : f32[]
    %2 = transpose(%y) {permutation = [2,1,0]} : i32[5,m,n]
    %3 = reduce(%2) {axes = [1,2], kind = "max"} : i32[5]
    return %1, %3
  })";
  for (const int64_t n : {0, 1, 7})
    for (const int64_t m : {0, 3}) expect_oracles(text, {{"n", n}, {"m", m}});
}

TEST(CompileEdges, OneIndexForAllLanes) {
  const auto f = parse_function(R"(func @f(%x: f32[3,64], %i: i32[1]) -> (f32[3], f32[3,64]) {
    %0 = reshape(%i) {dims = <>} : i32[]
    %1 = broadcast(%0) {axes = [], dims = <64>} : i32[64]
    %2 = gather(%x, %1) {axis = 1} : f32[3,64]
    %3 = reduce(%2) {axes = [1], kind = "sum"} : f32[3]
    return %3, %2
  })");
  expect_oracles(*f, random_params(*f, {}, 1), 64);
  std::vector<Array> params = random_params(*f, {}, 1);
  params[1] = Array::of<int32_t>({1}, {64});
  for (const bool fuse : {true, false}) {
    const RunOutcome out = run_compiled(*f, params, {.fuse = fuse});
    ASSERT_TRUE(out.fault);
    EXPECT_NE(out.fault->str().find("element 0 has value 64"), std::string::npos) << out.fault->str();
  }
}

TEST(CompileEdges, AFaultNamesThePositionInTheIndices) {
  const auto f = parse_function(R"(func @f(%x: f32[4,20], %i: i32[3]) -> (f32[3,20]) {
    %0 = gather(%x, %i) {axis = 0} : f32[3,20]
    return %0
  })");
  std::vector<Array> params = random_params(*f, {}, 1);
  params[1] = Array::of<int32_t>({3}, {0, 1, 7});
  const RunOutcome out = run_compiled(*f, params);
  ASSERT_TRUE(out.fault);
  EXPECT_NE(out.fault->str().find("element 2 has value 7"), std::string::npos) << out.fault->str();
}

TEST(CompileEdges, ProductsOfNarrowTypesOnEveryTarget) {
  for (const char* dtype : {"u8", "i32", "i64", "f32", "f64"}) {
    const auto f = parse_function(fmt::format(R"(func @f(%x: {0}[5,17], %y: {0}[5,9,6]) -> ({0}[17], {0}[17,9,6]) {{
      %0 = dot_general(%x, %x) {{lhs_batch = [1], lhs_contract = [0], rhs_batch = [1], rhs_contract = [0]}} : {0}[17]
      %1 = dot_general(%x, %y) {{lhs_batch = [], lhs_contract = [0], rhs_batch = [], rhs_contract = [0]}} : {0}[17,9,6]
      return %0, %1
    }})",
                                              dtype));
    // Small whole numbers: every target gives the same bits, fused multiply-add or not.
    std::vector<Array> params = random_params(*f, {}, 1);
    for (Array& p : params)
      for (int64_t i = 0; i < p.num_elements(); ++i) p.set_from_double(i, static_cast<double>(i % 4));
    const RunOutcome host = run_compiled(*f, params);
    EXPECT_EQ(difference(host.results, interpreted(*f, {}, params, true).results), "") << dtype;
    for (const char* target : {"sse2", "avx2"})
      EXPECT_EQ(difference(host.results, run_compiled(*f, params, {.target = target}).results), "")
          << dtype << " on " << target;
  }
}

TEST(CompileEdges, NothingIsReadFromAnAxisThatTurnsOutEmpty) {
  const auto f = parse_function(R"(func @f(%x: f32[n,20]) -> (i64[20], f32[20], f32[20]) {
    %0 = arg_reduce(%x) {axis = 0, dtype = i64, kind = "max"} : i64[20]
    %1 = reduce(%x) {axes = [0], kind = "max"} : f32[20]
    %2 = reduce(%x) {axes = [0], kind = "sum"} : f32[20]
    return %0, %1, %2
  })");
  for (const int64_t n : {0, 1, 5}) {
    const std::vector<Array> params = random_params(*f, {{"n", n}}, 1);
    expect_oracles(*f, params, 10);
    for (const bool fuse : {true, false})
      EXPECT_EQ(difference(interpreted(*f, {{"n", n}}, params, fuse).results, run_compiled(*f, params).results), "");
  }
}

TEST(CompileEdges, IndicesIntoNothingFault) {
  const auto f = parse_function(R"(func @f(%x: f32[n,20], %u: f32[3,20], %i: i32[3]) -> (f32[3,20], f32[n,20], f32[]) {
    %0 = gather(%x, %i) {axis = 0} : f32[3,20]
    %1 = scatter(%x, %i, %u) {axis = 0, kind = "add"} : f32[n,20]
    %2 = reduce(%0) {axes = [0,1], kind = "sum"} : f32[]
    return %0, %1, %2
  })");
  const std::vector<Array> params = random_params(*f, {{"n", 0}}, 1);
  for (const bool fuse : {true, false}) {
    EXPECT_TRUE(interpreted(*f, {{"n", 0}}, params, fuse).fault);
    EXPECT_TRUE(run_compiled(*f, params, {.fuse = fuse}).fault);
  }
}

}  // namespace
}  // namespace dlc::backend::testing
