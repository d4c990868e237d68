// Whole functions, compiled: against the interpreter, with fusion on and off, on 1, 2 and 4 threads.
#include <gtest/gtest.h>

#include <algorithm>

#include "backend/plan/plan.h"
#include "ir/freeze.h"
#include "tests/backend/compile_testing.h"
#include "tests/backend/plan_interpreter.h"

namespace dlc::backend::testing {
namespace {

TEST(Compile, ElementwiseChain) {
  expect_oracles(R"(func @f(%x: f32[7,33], %y: f32[7,33]) -> (f32[7,33]) {
    %0 = mul(%x, %y) : f32[7,33]
    %1 = tanh(%0) : f32[7,33]
    %2 = add(%1, %x) : f32[7,33]
    return %2
  })");
}

TEST(Compile, Scalars) {
  expect_oracles(R"(func @f(%x: f32[], %y: f64[]) -> (f32[], f64[]) {
    %0 = exp(%x) : f32[]
    %1 = log(%0) : f32[]
    %2 = mul(%y, %y) : f64[]
    return %1, %2
  })");
}

TEST(Compile, BroadcastsAndTransposes) {
  expect_oracles(R"(func @f(%x: f32[5,19], %b: f32[19], %c: f32[19,5]) -> (f32[5,19]) {
    %0 = broadcast(%b) {axes = [1], dims = <5,19>} : f32[5,19]
    %1 = transpose(%c) {permutation = [1,0]} : f32[5,19]
    %2 = add(%x, %0) : f32[5,19]
    %3 = mul(%2, %1) : f32[5,19]
    return %3
  })");
}

TEST(Compile, RowReductions) {
  for (const int n : {1, 10, 16, 63, 64, 65, 200, 9000})
    expect_oracles(fmt::format(R"(func @f(%x: f32[3,{0}]) -> (f32[3], f32[3], f32[3]) {{
      %0 = reduce(%x) {{axes = [1], kind = "sum"}} : f32[3]
      %1 = reduce(%x) {{axes = [1], kind = "max"}} : f32[3]
      %2 = reduce(%x) {{axes = [1], kind = "prod"}} : f32[3]
      return %0, %1, %2
    }})",
                               n),
                   {}, 2.0 * n);
}

TEST(Compile, ColumnReductions) {
  for (const int n : {1, 7, 64, 3000})
    expect_oracles(fmt::format(R"(func @f(%x: f32[{0},37]) -> (f32[37], f32[37]) {{
      %0 = reduce(%x) {{axes = [0], kind = "sum"}} : f32[37]
      %1 = mul(%x, %x) : f32[{0},37]
      %2 = reduce(%1) {{axes = [0], kind = "sum"}} : f32[37]
      return %0, %2
    }})",
                               n),
                   {}, 4.0 * n);
}

TEST(Compile, MixedReductions) {
  expect_oracles(R"(func @f(%x: f64[3,4,5,6]) -> (f64[4], f64[]) {
    %0 = reduce(%x) {axes = [0,2,3], kind = "sum"} : f64[4]
    %1 = reduce(%x) {axes = [0,1,2,3], kind = "min"} : f64[]
    return %0, %1
  })");
}

TEST(Compile, Softmax) {
  for (const int n : {1, 4, 10, 100, 1000})
    expect_oracles(fmt::format(R"(func @f(%x: f32[6,{0}]) -> (f32[6,{0}], f32[6,{0}]) {{
      %0 = softmax(%x) {{axis = 1}} : f32[6,{0}]
      %1 = log_softmax(%x) {{axis = 1}} : f32[6,{0}]
      return %0, %1
    }})",
                               n));
}

TEST(Compile, Dot) {
  // Among them what each way of reading the operands takes: in place, in panels packed before or where they
  // are used (600 columns), the transpose of the product (few rows, transposed right side), rows a page apart.
  for (const auto& [m, n, k] : {std::tuple{1, 1, 1},
                                {3, 5, 7},
                                {8, 48, 16},
                                {17, 49, 260},
                                {64, 10, 784},
                                {33, 100, 300},
                                {20, 130, 33},
                                {260, 600, 9},
                                {24, 100, 1024}}) {
    for (const bool ta : {false, true})
      for (const bool tb : {false, true})
        expect_oracles(
            fmt::format(R"(func @f(%a: f32[{0}], %b: f32[{1}], %c: f32[{3}]) -> (f32[{2},{3}]) {{
          %0 = dot_general(%a, %b) {{lhs_batch = [], lhs_contract = [{4}], rhs_batch = [], rhs_contract = [{5}]}} : f32[{2},{3}]
          %1 = broadcast(%c) {{axes = [1], dims = <{2},{3}>}} : f32[{2},{3}]
          %2 = add(%0, %1) : f32[{2},{3}]
          return %2
        }})",
                        ta ? fmt::format("{},{}", k, m) : fmt::format("{},{}", m, k),
                        tb ? fmt::format("{},{}", n, k) : fmt::format("{},{}", k, n), m, n, ta ? 0 : 1, tb ? 1 : 0),
            {}, 4.0 * k);
  }
}

/// Products with one operand that is a constant, as weights of a frozen program are: its panels are made when
/// the kernel is built, and the bits are those of the product of parameters.
TEST(Compile, DotOfAConstant) {
  const auto expect_packed = [](const std::string& dtype, const std::string& a, const std::string& b,
                                const std::string& result, const std::string& attrs) {
    const auto f = parse_function(fmt::format(R"(func @f(%a: {0}[{1}], %b: {0}[{2}]) -> ({0}[{3}]) {{
      %0 = dot_general(%a, %b) {{{4}}} : {0}[{3}]
      return %0
    }})",
                                              dtype, a, b, result, attrs));
    const std::vector<Array> params = random_params(*f, {}, 3);
    const RunOutcome expected = run_compiled(*f, params);
    for (const int frozen : {0, 1}) {
      SCOPED_TRACE(fmt::format("{}[{}] by [{}], operand {} frozen", dtype, a, b, frozen));
      const auto g = value_or_throw(ir::freeze(*f, {{frozen, params[static_cast<size_t>(frozen)]}}));
      EXPECT_EQ(difference(expected.results, run_compiled(*g, {params[static_cast<size_t>(1 - frozen)]}).results), "");
      expect_oracles(*g, {params[static_cast<size_t>(1 - frozen)]}, 4.0 * 300);
      // Of the two operands at most the other has panels that are filled when the program runs.
      const Plan plan = plan_function(*g);
      EXPECT_LE(std::count_if(plan.buffers.begin(), plan.buffers.end(),
                              [](const PlanBuffer& buffer) { return buffer.name == "scratch"; }),
                1);
    }
  };
  for (const auto& [m, n, k] :
       {std::tuple{1, 1, 1}, {3, 5, 7}, {17, 49, 260}, {64, 10, 784}, {1, 100, 300}, {300, 70, 33}})
    for (const bool ta : {false, true})
      for (const bool tb : {false, true})
        for (const char* dtype : {"f32", "f64", "i32"})
          expect_packed(dtype, ta ? fmt::format("{},{}", k, m) : fmt::format("{},{}", m, k),
                        tb ? fmt::format("{},{}", n, k) : fmt::format("{},{}", k, n), fmt::format("{},{}", m, n),
                        fmt::format("lhs_batch = [], lhs_contract = [{}], rhs_batch = [], rhs_contract = [{}]",
                                    ta ? 0 : 1, tb ? 1 : 0));
  // A batch in the middle, two axes contracted, two free.
  expect_packed("f32", "5,2,3,7", "3,9,2,7,4", "2,5,9,4",
                "lhs_batch = [1], lhs_contract = [2,3], rhs_batch = [2], rhs_contract = [0,3]");
}

TEST(Compile, BatchedDot) {
  expect_oracles(R"(func @f(%a: f64[2,3,4,5], %b: f64[2,3,5,6]) -> (f64[2,3,4,6]) {
    %0 = dot_general(%a, %b) {lhs_batch = [0,1], lhs_contract = [3], rhs_batch = [0,1], rhs_contract = [2]} : f64[2,3,4,6]
    return %0
  })");
}

TEST(Compile, SymbolicDims) {
  const auto f = parse_function(R"(func @f(%x: f32[n,20], %w: f32[20,30], %b: f32[30]) -> (f32[n,30], f32[]) {
    %0 = dot_general(%x, %w) {lhs_batch = [], lhs_contract = [1], rhs_batch = [], rhs_contract = [0]} : f32[n,30]
    %1 = broadcast(%b) {axes = [1], dims = <n,30>} : f32[n,30]
    %2 = add(%0, %1) : f32[n,30]
    %3 = softmax(%2) {axis = 1} : f32[n,30]
    %4 = reduce(%3) {axes = [0,1], kind = "max"} : f32[]
    return %3, %4
  })");
  for (const int64_t n : {1, 7, 64}) expect_oracles(*f, random_params(*f, {{"n", n}}, 5), 80);
}

TEST(Compile, StretchedAxesWithAnotherBetweenThem) {
  expect_oracles(R"(func @f(%x: f32[1,1,3]) -> (f32[2,2,2,3]) {
    %0 = broadcast(%x) {axes = [0,2,3], dims = <2,2,2,3>} : f32[2,2,2,3]
    return %0
  })");
}

TEST(Compile, PadConcatSliceReverse) {
  expect_oracles(R"(func @f(%x: f32[4,21], %y: f32[4,3], %v: f32[]) -> (f32[6,50], f32[4,24], f32[2,7], f32[4,21]) {
    %0 = pad(%x, %v) {high = <1,4>, interior = [0,1], low = <1,5>} : f32[6,50]
    %1 = concat(%x, %y) {axis = 1} : f32[4,24]
    %2 = slice(%x) {limit = <4,21>, start = <1,1>, strides = [2,3]} : f32[2,7]
    %3 = reverse(%x) {axes = [1]} : f32[4,21]
    return %0, %1, %2, %3
  })");
}

TEST(Compile, GatherScatterScanArg) {
  expect_oracles(
      R"(func @f(%x: f32[5,19], %i: i32[7], %u: f32[7,19]) -> (f32[7,19], f32[5,19], f32[5,19], i64[5], i64[19]) {
    %0 = gather(%x, %i) {axis = 0} : f32[7,19]
    %1 = scatter(%x, %i, %u) {axis = 0, kind = "add"} : f32[5,19]
    %2 = scan(%x) {axis = 1, exclusive = false, kind = "sum", reverse = false} : f32[5,19]
    %3 = arg_reduce(%x) {axis = 1, dtype = i64, kind = "max"} : i64[5]
    %4 = arg_reduce(%x) {axis = 0, dtype = i64, kind = "min"} : i64[19]
    return %0, %1, %2, %3, %4
  })");
}

TEST(Compile, UpdatesVariablesInPlace) {
  const auto f = parse_function(R"(func @f(%g: f32[100], %w: f32[100] variable "w") -> (f32[100], f32[100] update "w") {
    %0 = sub(%w, %g) : f32[100]
    return %w, %0
  })");
  const std::vector<Array> params = random_params(*f, {}, 3);
  const RunOutcome out = run_compiled(*f, params);
  ASSERT_FALSE(out.fault);
  EXPECT_TRUE(out.results[0].identical(params[1]));  // the value from before the run
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(out.params[1].at<float>({i}), params[1].at<float>({i}) - params[0].at<float>({i}));
}

TEST(Compile, AFailedCheckLeavesVariables) {
  const auto f = parse_function(R"(func @f(%x: f32[5], %i: i32[3], %w: f32[3] variable "w") -> (f32[3] update "w") {
    %0 = gather(%x, %i) {axis = 0} : f32[3] loc("lookup", "user.cpp":7:1)
    %1 = add(%w, %0) : f32[3]
    return %1
  })");
  std::vector<Array> params = random_params(*f, {}, 3);
  params[1] = Array::of<int32_t>({3}, {0, 9, -1});
  const RunOutcome out = run_compiled(*f, params);
  ASSERT_TRUE(out.fault);
  EXPECT_EQ(out.fault->code, ErrorCode::kOutOfRange);
  EXPECT_NE(out.fault->str().find("lookup"), std::string::npos) << out.fault->str();
  EXPECT_NE(out.fault->str().find("element 1 has value 9"), std::string::npos) << out.fault->str();
  EXPECT_TRUE(out.params[2].identical(params[2]));
}

}  // namespace
}  // namespace dlc::backend::testing
