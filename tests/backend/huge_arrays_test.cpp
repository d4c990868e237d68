// More than 2^31 elements: indices and sizes are 64 bits everywhere. About 4.3 GB of memory at most;
// skipped where there is less.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/backend/compile_testing.h"

namespace dlc::backend::testing {
namespace {

constexpr int64_t kElements = (int64_t{1} << 31) + 17;

/// Bytes that could be had without pushing others out.
int64_t available_memory() {
  std::ifstream in("/proc/meminfo");
  std::string key;
  for (int64_t kib = 0; in >> key >> kib; in.ignore(100, '\n'))
    if (key == "MemAvailable:") return kib * 1024;
  return 0;
}

class HugeArrays : public ::testing::Test {
 protected:
  void SetUp() override {
    if (available_memory() < 2 * kElements + (int64_t{1} << 29)) GTEST_SKIP() << "needs 5 GB of free memory";
  }

  /// Runs without copies: results go into arrays made here.
  static std::vector<Array> run(const std::string& text, const std::vector<Array>& params, int threads = 2) {
    const auto f = parse_function(text);
    const auto program = compile_function(*f);
    const auto execution = value_or_throw(Execution::create(program, {}));
    std::vector<void*> in, out;
    std::vector<Array> results;
    for (const Array& p : params) in.push_back(const_cast<std::byte*>(p.bytes()));
    for (size_t i = 0; i < program->results().size(); ++i) {
      results.push_back(
          Array::uninitialized(program->results()[i].type.dtype, execution->result_shape(static_cast<int>(i))));
      out.push_back(results.back().bytes());
    }
    runtime::ThreadPool pool({.num_threads = threads});
    runtime::Context context({.pool = &pool});
    value_or_throw(execution->execute(context, in, out));
    EXPECT_FALSE(context.fault());
    return results;
  }

  static Array elements() { return Array(kUInt8, {kElements}); }
};

TEST_F(HugeArrays, ElementWiseSlow) {
  Array x = elements();
  const auto data = x.data<uint8_t>();
  const size_t marks[] = {0, 1, (size_t{1} << 31) - 1, size_t{1} << 31, static_cast<size_t>(kElements) - 1};
  for (const size_t at : marks) data[at] = static_cast<uint8_t>(at % 251 + 1);
  const Array y = run(fmt::format("func @f(%x: u8[{0}]) -> (u8[{0}]) {{\n  %0 = add(%x, %x) : u8[{0}]\n"
                                  "  %1 = not(%0) : u8[{0}]\n  return %1\n}}",
                                  kElements),
                      {x})[0];
  int64_t others = 0;
  for (const uint8_t v : y.data<uint8_t>()) others += v == 255 ? 1 : 0;
  EXPECT_EQ(others, kElements - 5);
  for (const size_t at : marks) EXPECT_EQ(y.data<uint8_t>()[at], static_cast<uint8_t>(~(2 * (at % 251 + 1)))) << at;
}

TEST_F(HugeArrays, ReductionsAndIndicesSlow) {
  Array x = elements();
  const auto data = x.data<uint8_t>();
  data[7] = 3;
  data[(size_t{1} << 31) + 5] = 200;
  data[static_cast<size_t>(kElements) - 1] = 9;
  const Array where = Array::of<int64_t>({3}, {kElements - 1, (int64_t{1} << 31) + 5, 7});
  const std::vector<Array> out =
      run(fmt::format(R"(func @f(%x: u8[{0}], %i: i64[3]) -> (u8[], u8[], i64[], u8[3], u8[12], u8[2]) {{
  %0 = reduce(%x) {{axes = [0], kind = "sum"}} : u8[]
  %1 = reduce(%x) {{axes = [0], kind = "max"}} : u8[]
  %2 = arg_reduce(%x) {{axis = 0, dtype = i64, kind = "max"}} : i64[]
  %3 = gather(%x, %i) {{axis = 0}} : u8[3]
  %4 = slice(%x) {{limit = <{0}>, start = <{1}>, strides = [1]}} : u8[12]
  %5 = slice(%x) {{limit = <{0}>, start = <7>, strides = [{2}]}} : u8[2]
  return %0, %1, %2, %3, %4, %5
}})",
                      kElements, kElements - 12, (int64_t{1} << 31) - 2),
          {x, where});
  EXPECT_EQ(out[0].item<uint8_t>(), 3 + 200 + 9);
  EXPECT_EQ(out[1].item<uint8_t>(), 200);
  EXPECT_EQ(out[2].item<int64_t>(), (int64_t{1} << 31) + 5);
  EXPECT_TRUE(out[3].identical(Array::of<uint8_t>({3}, {9, 200, 3})));
  EXPECT_TRUE(out[4].identical(Array::of<uint8_t>({12}, {200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9})));
  EXPECT_TRUE(out[5].identical(Array::of<uint8_t>({2}, {3, 200})));
}

/// Rows and columns whose sizes fit 31 bits, of a whole that does not.
TEST_F(HugeArrays, TwoAxesSlow) {
  constexpr int64_t kRows = 65537, kColumns = 32771;  // together 2^31 and some
  static_assert(kRows * kColumns > (int64_t{1} << 31));
  Array x(kUInt8, {kRows, kColumns});
  const auto data = x.data<uint8_t>();
  data[static_cast<size_t>(kRows * kColumns) - 1] = 5;
  data[static_cast<size_t>(kRows - 2) * kColumns] = 7;
  const std::vector<Array> out = run(fmt::format(R"(func @f(%x: u8[{0},{1}]) -> (u8[{0}], u8[{1}]) {{
  %0 = reduce(%x) {{axes = [1], kind = "sum"}} : u8[{0}]
  %1 = reduce(%x) {{axes = [0], kind = "sum"}} : u8[{1}]
  return %0, %1
}})",
                                                 kRows, kColumns),
                                     {x});
  EXPECT_EQ(out[0].data<uint8_t>()[kRows - 1], 5);
  EXPECT_EQ(out[0].data<uint8_t>()[kRows - 2], 7);
  EXPECT_EQ(out[0].data<uint8_t>()[0], 0);
  EXPECT_EQ(out[1].data<uint8_t>()[kColumns - 1], 5);
  EXPECT_EQ(out[1].data<uint8_t>()[0], 7);
}

}  // namespace
}  // namespace dlc::backend::testing
