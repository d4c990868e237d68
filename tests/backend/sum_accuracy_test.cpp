// Sums of very many f32: 10^7 of them are right to 1e-6 of the sum of their absolute values, along rows,
// along columns and all at once, on any number of threads, and where roundings are all to one side too.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "support/philox.h"
#include "tests/backend/compile_testing.h"

namespace dlc::backend::testing {
namespace {

constexpr int64_t kTerms = 10'000'000;

struct Terms {
  const char* name;
  std::function<double(int64_t)> term;
};

double unit(int64_t i) { return static_cast<double>(mix64(static_cast<uint64_t>(i) + 1) >> 11) * 0x1.0p-53; }

const Terms kAll[] = {
    {"uniform of both signs", [](int64_t i) { return 2 * unit(i) - 1; }},
    {"of twenty magnitudes", [](int64_t i) { return std::exp2(20 * unit(i) - 10) * (i % 2 == 0 ? 1 : -1); }},
    {"one tenth each", [](int64_t) { return 0.1; }},
    {"one sum of which rounds to one side", [](int64_t) { return 1.0 + 0x1.8p-20; }},
    {"positive", [](int64_t i) { return unit(i); }},
    {"large ones first", [](int64_t i) { return 1e6 / static_cast<double>(i + 1); }},
    {"large ones last", [](int64_t i) { return 1e6 / static_cast<double>(kTerms - i); }},
};

/// f32[rows, columns] summed along `axis`, or both.
void expect_accurate(int64_t rows, int64_t columns, const std::vector<int64_t>& axes, const Terms& terms) {
  Array x(kFloat32, {rows, columns});
  const auto data = x.data<float>();
  const bool over_rows = axes[0] == 0, over_columns = axes.back() == 1;
  const auto place = [&](int64_t i) {
    return static_cast<size_t>((over_rows ? 0 : i / columns * 1) * (over_columns ? 1 : columns) +
                               (over_columns ? 0 : i % columns));
  };
  std::vector<long double> sums(static_cast<size_t>((over_rows ? 1 : rows) * (over_columns ? 1 : columns))),
      sizes(sums.size());
  for (int64_t i = 0; i < x.num_elements(); ++i) {
    data[static_cast<size_t>(i)] = static_cast<float>(terms.term(i));
    sums[place(i)] += static_cast<long double>(data[static_cast<size_t>(i)]);
    sizes[place(i)] += std::fabs(static_cast<long double>(data[static_cast<size_t>(i)]));
  }
  const std::string result = over_rows && over_columns ? "f32[]" : fmt::format("f32[{}]", over_rows ? columns : rows);
  const auto f = parse_function(fmt::format(
      "func @f(%x: f32[{},{}]) -> ({}) {{\n  %0 = reduce(%x) {{axes = [{}], kind = \"sum\"}} : {}\n  return %0\n}}",
      rows, columns, result, axes.size() == 2 ? "0, 1" : std::to_string(axes[0]), result));
  const auto program = compile_function(*f);
  const RunOutcome one = run_program(program, {x}, 1);
  for (size_t i = 0; i < sums.size(); ++i)
    EXPECT_LE(std::fabs(static_cast<long double>(one.results[0].data<float>()[i]) - sums[i]), 1e-6L * sizes[i])
        << terms.name << ", " << rows << "x" << columns << ", sum " << i;
  EXPECT_EQ(difference(one.results, run_program(program, {x}, 4).results), "") << terms.name;
}

TEST(SumAccuracy, OfTenMillionAtOnceSlow) {
  for (const Terms& terms : kAll) expect_accurate(1, kTerms, {0, 1}, terms);
}
TEST(SumAccuracy, OfRowsSlow) {
  for (const Terms& terms : kAll) expect_accurate(2, kTerms / 2, {1}, terms);
}
TEST(SumAccuracy, OfColumnsSlow) {
  for (const Terms& terms : kAll) expect_accurate(kTerms, 1, {0}, terms);
  for (const Terms& terms : kAll) expect_accurate(kTerms / 3, 3, {0}, terms);
}

}  // namespace
}  // namespace dlc::backend::testing
