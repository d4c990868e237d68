// Reductions whose rows or columns are few and long: shared out block by block, in the bits that
// backend/cpu/reduction.h promises whatever the threads. The shape is written here once more, plainly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "backend/plan/plan.h"
#include "tests/backend/compile_testing.h"
#include "tests/backend/plan_interpreter.h"

namespace dlc::backend::testing {
namespace {

using Combine = float (*)(float, float);
float add(float a, float b) { return a + b; }
float max_of(float a, float b) { return a > b || std::isnan(a) ? a : b; }

/// Block results in order: sums in f64.
struct Total {
  double value;
  void combine(float x, Combine with) {
    value = with == add ? value + double{x} : double{with(static_cast<float>(value), x)};
  }
  float result() const { return static_cast<float>(value); }
};

/// The last axis: 64 lanes, blocks of 2048, then the tree.
float along_row(const float* x, int64_t n, Combine combine, float identity) {
  std::vector<Total> totals(64, Total{double{identity}});
  const int64_t full = n / 64 * 64;
  for (int64_t block = 0; block < full; block += 2048) {
    std::vector<float> part(64, identity);
    for (int64_t i = block; i < std::min(block + 2048, full); ++i)
      part[static_cast<size_t>(i % 64)] = combine(part[static_cast<size_t>(i % 64)], x[i]);
    for (size_t l = 0; l < 64; ++l) totals[l].combine(part[l], combine);
  }
  std::vector<float> total;
  for (const Total& t : totals) total.push_back(t.result());
  for (int64_t i = full; i < n; ++i)
    total[static_cast<size_t>(i % 64)] = combine(total[static_cast<size_t>(i % 64)], x[i]);
  for (size_t half = 32; half > 0; half /= 2)
    for (size_t l = 0; l < half; ++l) total[l] = combine(total[l], total[l + half]);
  return total[0];
}

/// An outer axis of n, `stride` elements from one to the next: blocks of 32 in order.
float along_column(const float* x, int64_t n, int64_t stride) {
  Total total{0};
  for (int64_t block = 0; block < n; block += 32) {
    float part = 0;
    for (int64_t i = block; i < std::min(block + 32, n); ++i) part += x[i * stride];
    total.combine(part, add);
  }
  return total.result();
}

/// The results on 1, 2 and 4 threads and interpreted in two orders of the chunks, which must be one.
std::vector<Array> results_of(const std::string& text, const std::vector<Array>& params) {
  const auto f = parse_function(text);
  const RunOutcome one = run_compiled(*f, params);
  for (const int threads : {2, 4})
    EXPECT_EQ(difference(one.results, run_compiled(*f, params, {.threads = threads}).results), "") << threads;
  for (const uint64_t seed : {0, 3}) {
    const auto interpreted = interpret_plan(plan_function(*f), {}, params, seed);
    EXPECT_TRUE(interpreted.has_value()) << interpreted.error().str();
    if (!interpreted) continue;
    EXPECT_EQ(difference(one.results, interpreted->results), "") << "chunk seed " << seed;
  }
  return one.results;
}

int num_parallel(const std::string& text) {
  int n = 0;
  for (const loops::Kernel& k : plan_function(*parse_function(text)).kernels)
    n += static_cast<int>(std::count_if(k.body.insts.begin(), k.body.insts.end(),
                                        [](const loops::Inst& i) { return i.op == loops::OpCode::kParallel; }));
  return n;
}

class LongRows : public ::testing::TestWithParam<std::pair<int64_t, int64_t>> {};

TEST_P(LongRows, HaveTheBitsOfTheirShape) {
  const auto [rows, n] = GetParam();
  const std::string text = fmt::format(R"(func @f(%x: f32[{0},{1}]) -> (f32[{0}], f32[{0}]) {{
    %0 = reduce(%x) {{axes = [1], kind = "sum"}} : f32[{0}]
    %1 = reduce(%x) {{axes = [1], kind = "max"}} : f32[{0}]
    return %0, %1
  }})",
                                       rows, n);
  EXPECT_EQ(num_parallel(text), 2) << "the blocks of each";
  const std::vector<Array> params = random_params(*parse_function(text), {}, 11);
  const std::vector<Array> out = results_of(text, params);
  for (int64_t r = 0; r < rows; ++r) {
    const float* row = params[0].data<float>().data() + r * n;
    EXPECT_EQ(out[0].at<float>({r}), along_row(row, n, add, 0));
    EXPECT_EQ(out[1].at<float>({r}), along_row(row, n, max_of, -INFINITY));
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, LongRows,
                         ::testing::Values(std::pair{1, 300000}, std::pair{2, 131072}, std::pair{3, 100003},
                                           std::pair{15, 32769 + 63}));

TEST(LongRow, ToAScalar) {
  const std::string text = R"(func @f(%x: f32[4,5,10007]) -> (f32[]) {
    %0 = reduce(%x) {axes = [0,1,2], kind = "sum"} : f32[]
    return %0
  })";
  EXPECT_EQ(num_parallel(text), 1);
  const std::vector<Array> params = random_params(*parse_function(text), {}, 3);
  EXPECT_EQ(results_of(text, params)[0].item<float>(), along_row(params[0].data<float>().data(), 200140, add, 0));
}

TEST(LongRow, SoftmaxGoesOverTheBlocksThreeTimes) {
  const std::string text = R"(func @f(%x: f32[2,70001]) -> (f32[2,70001]) {
    %0 = softmax(%x) {axis = 1} : f32[2,70001]
    return %0
  })";
  EXPECT_EQ(num_parallel(text), 3) << "the maximum, the sum, the elements";
  results_of(text, random_params(*parse_function(text), {}, 5));
  expect_oracles(text, {}, 2);
}

TEST(LongRow, ElementsMayOverwriteWhatTheyAreMadeOf) {
  // w loses its mean and is divided by its largest element: in place.
  const std::string text = R"(func @f(%w: f32[400000] variable "w") -> (f32[400000] update "w", f32[]) {
    %0 = reduce(%w) {axes = [0], kind = "sum"} : f32[]
    %1 = reduce(%w) {axes = [0], kind = "max"} : f32[]
    %2 = broadcast(%0) {axes = [], dims = <400000>} : f32[400000]
    %3 = broadcast(%1) {axes = [], dims = <400000>} : f32[400000]
    %4 = sub(%w, %2) : f32[400000]
    %5 = div(%4, %3) : f32[400000]
    return %5, %0
  })";
  EXPECT_EQ(num_parallel(text), 3) << "the sum; the maximum and the elements";
  for (const PlanBuffer& b : plan_function(*parse_function(text)).buffers)
    EXPECT_FALSE(b.kind == PlanBuffer::kArena && b.elements.is(400000)) << "a shadow";
  results_of(text, random_params(*parse_function(text), {}, 5));
}

TEST(LongRow, ShortOrManyRowsStayWhole) {
  // One row of two blocks; sixteen long ones, which are enough to share out whole.
  EXPECT_EQ(num_parallel(R"(func @f(%x: f32[16384]) -> (f32[]) {
    %0 = reduce(%x) {axes = [0], kind = "sum"} : f32[]
    return %0
  })"),
            0);
  const Plan many = plan_function(*parse_function(R"(func @f(%x: f32[16,40000]) -> (f32[16]) {
    %0 = reduce(%x) {axes = [1], kind = "sum"} : f32[16]
    return %0
  })"));
  for (const PlanBuffer& b : many.buffers) EXPECT_NE(b.name, "scratch") << print(many);
}

class LongColumns : public ::testing::TestWithParam<std::pair<int64_t, int64_t>> {};

TEST_P(LongColumns, HaveTheBitsOfTheirShape) {
  const auto [n, columns] = GetParam();
  const std::string text = fmt::format(R"(func @f(%x: f32[{0},{1}]) -> (f32[{1}]) {{
    %0 = reduce(%x) {{axes = [0], kind = "sum"}} : f32[{1}]
    return %0
  }})",
                                       n, columns);
  EXPECT_EQ(num_parallel(text), 1);
  const Plan plan = plan_function(*parse_function(text));
  EXPECT_TRUE(std::any_of(plan.buffers.begin(), plan.buffers.end(), [](const PlanBuffer& b) {
    return b.name == "scratch";
  })) << print(plan);
  const std::vector<Array> params = random_params(*parse_function(text), {}, 13);
  const std::vector<Array> out = results_of(text, params);
  for (int64_t c = 0; c < columns; ++c)
    EXPECT_EQ(out[0].at<float>({c}), along_column(params[0].data<float>().data() + c, n, columns));
}

INSTANTIATE_TEST_SUITE_P(Sizes, LongColumns,
                         ::testing::Values(std::pair{60000, 10}, std::pair{200003, 2}, std::pair{5000, 67}));

}  // namespace
}  // namespace dlc::backend::testing
