// Functions of one operand that are exact, over very many inputs: the compiled code gives what the C library gives,
// each bit. f32: every bit pattern with DLC_MATH_ALL=1, else every 4093rd; f64: 10^8 bit patterns with it, else 10^6.
// Subnormal numbers count as zero, as an operand and as a result.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "backend/native/target.h"
#include "tests/backend/compile_testing.h"

namespace dlc::backend {
namespace {

struct ExactCase {
  const char* name;
  float (*f32)(float);
  double (*f64)(double);
};
void PrintTo(const ExactCase& c, std::ostream* os) { *os << c.name; }

template <typename T>
T sign_of(T x) {
  return x > 0 ? T{1} : x < 0 ? T{-1} : x;  // zeros and NaN stay
}
template <typename T>
T negated(T x) {
  return -x;
}
#define DLC_EXACT(name, function) {name, [](float x) { return function(x); }, [](double x) { return function(x); }}
const ExactCase kCases[] = {
    DLC_EXACT("abs", std::fabs),        DLC_EXACT("neg", negated),    DLC_EXACT("sign", sign_of),
    DLC_EXACT("floor", std::floor),     DLC_EXACT("ceil", std::ceil), DLC_EXACT("trunc", std::trunc),
    DLC_EXACT("round_even", std::rint), DLC_EXACT("sqrt", std::sqrt),
};

template <typename T>
T flushed(T x) {
  return std::fabs(x) < std::numeric_limits<T>::min() ? std::copysign(T{0}, x) : x;
}

/// The first input for which compiled code does not give what `reference` gives; "" when there is none.
template <typename T>
std::string difference(const std::string& op, T (*reference)(T), const std::vector<T>& x) {
  const auto n = static_cast<int64_t>(x.size());
  const std::string type = fmt::format("{}[{}]", to_string(dtype_of<T>()), n);
  const auto f = testing::parse_function(
      fmt::format("func @f(%x: {0}) -> ({0}) {{\n  %0 = {1}(%x) : {0}\n  return %0\n}}", type, op));
  const Array in = Array::of<T>({n}, std::vector<T>(x));
  for (const char* const target : {"host", "sse2"}) {
    const Array out = testing::run_compiled(*f, {in}, {.target = target}).results[0];
    for (size_t i = 0; i < x.size(); ++i) {
      const T got = flushed(out.data<T>()[i]), expected = flushed(reference(flushed(x[i])));
      const bool same =
          std::isnan(expected) ? std::isnan(got) : got == expected && std::signbit(got) == std::signbit(expected);
      if (!same) return fmt::format("{} of {} for {}: {}, not {}", op, x[i], target, got, expected);
    }
  }
  return "";
}

bool all_inputs() { return std::getenv("DLC_MATH_ALL") != nullptr; }
constexpr size_t kBlock = 1 << 20;

class ExactMathSweep : public ::testing::TestWithParam<ExactCase> {};

TEST_P(ExactMathSweep, F32) {
  const uint64_t step = all_inputs() ? 1 : 4093;
  for (uint64_t at = 0; at >> 32 == 0;) {
    std::vector<float> x;
    for (; x.size() < kBlock && at >> 32 == 0; at += step) x.push_back(std::bit_cast<float>(static_cast<uint32_t>(at)));
    ASSERT_EQ(difference(GetParam().name, GetParam().f32, x), "");
  }
}

TEST_P(ExactMathSweep, F64) {
  std::mt19937_64 bits(1);
  for (size_t left = all_inputs() ? 100'000'000 : 1'000'000; left > 0;) {
    std::vector<double> x;
    // Half of them any pattern, half of a size at which there is something to round.
    for (; x.size() < kBlock && left > 0; --left)
      x.push_back(left % 2 == 0 ? std::bit_cast<double>(bits())
                                : static_cast<double>(static_cast<int64_t>(bits())) * 0x1p-50);
    ASSERT_EQ(difference(GetParam().name, GetParam().f64, x), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, ExactMathSweep, ::testing::ValuesIn(kCases),
                         [](const ::testing::TestParamInfo<ExactCase>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace dlc::backend
