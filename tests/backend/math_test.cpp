// Every function of backend/loops/math against the C library in a wider type: f32 against double,
// f64 against long double (64 bits of mantissa, so good to 2^-10 ULP). Samples are stratified over
// the function's domain; special values are a list. The error bound in ULP is asserted for both
// feature classes, with and without fma.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "backend/loops/interpreter.h"
#include "backend/loops/printer.h"
#include "tests/backend/math_error.h"

namespace dlc::backend::loops {
namespace {

constexpr int kLanes = 8;
template <typename T>
std::vector<T> run(const Kernel& kernel, std::vector<std::vector<T>> inputs) {
  std::vector<T> y(inputs[0].size());
  const auto n = static_cast<int64_t>(y.size());
  RunArgs args;
  for (auto& x : inputs) args.buffers.push_back({x.data(), n});
  args.buffers.push_back({y.data(), n});
  args.scalars = {n};
  const Expected<void> result = interpret(kernel, args);
  DLC_CHECK(result, "{}", result.error().str());
  return y;
}

template <typename T>
void check(const char* name, const std::vector<T>& x, const std::vector<T>& got,
           const std::function<Wide(T)>& reference, double budget, bool fma) {
  double worst = 0;
  T worst_x = 0, worst_y = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double error = error_in_ulp(got[i], reference(flushed(x[i])), budget);
    if (error > worst) worst = error, worst_x = x[i], worst_y = got[i];
  }
  EXPECT_LE(worst, budget) << fmt::format("{} {} {}: {} ULP at {} = {:a}: got {} = {:a}, expected {}", name,
                                          dtype_of<T>(), fma ? "with fma" : "without fma", worst, worst_x, worst_x,
                                          worst_y, worst_y, static_cast<double>(reference(flushed(worst_x))));
  if (getenv("DLC_MATH_PRINT") != nullptr)
    fmt::print("{} {} {} {:.3f} at {}\n", name, dtype_of<T>(), fma, worst, worst_x);
}

class Math : public ::testing::TestWithParam<MathCase> {};

template <typename T>
void check_case(const MathCase& c, double budget, const std::function<Wide(T)>& reference) {
  const std::vector<T> x = samples<T>(c.strata, 3000, 7);
  for (const bool fma : {true, false}) {
    const Kernel k = build<T>(
        c.name, 1, fma, kLanes,
        [&](LoopBuilder& b, const std::vector<Value>& v, math::MathOptions o) { return c.function(b, v[0], o); });
    check<T>(c.name, x, run<T>(k, {x}), reference, budget, fma);
  }
}

TEST_P(Math, F32WithinItsUlp) {
  const MathCase& c = GetParam();
  check_case<float>(c, c.f32_ulp, [&](float x) { return Wide{c.f32_reference(double{x})}; });
}

TEST_P(Math, F64WithinItsUlp) {
  const MathCase& c = GetParam();
  check_case<double>(c, c.f64_ulp, [&](double x) { return c.f64_reference(Wide{x}); });
}

INSTANTIATE_TEST_SUITE_P(Functions, Math, ::testing::ValuesIn(kCases),
                         [](const ::testing::TestParamInfo<MathCase>& info) { return std::string(info.param.name); });

// --- two operands -----------------------------------------------------------------------------

template <typename T>
void check_binary(const char* name, Value (*function)(LoopBuilder&, Value, Value, math::MathOptions),
                  const std::function<Wide(T, T)>& reference, const std::vector<T>& x, const std::vector<T>& y,
                  double budget) {
  for (const bool fma : {true, false}) {
    const Kernel k = build<T>(
        name, 2, fma, kLanes,
        [&](LoopBuilder& b, const std::vector<Value>& v, math::MathOptions o) { return function(b, v[0], v[1], o); });
    const std::vector<T> got = run<T>(k, {x, y});
    double worst = 0;
    std::string where;
    for (size_t i = 0; i < x.size(); ++i) {
      const Wide expected = reference(flushed(x[i]), flushed(y[i]));
      const double error = error_in_ulp(got[i], expected, budget);
      if (error <= worst) continue;
      worst = error;
      where = fmt::format("{}({:a}, {:a}) = {}({}, {}): got {}, expected {}", name, x[i], y[i], name, x[i], y[i],
                          got[i], static_cast<double>(expected));
    }
    EXPECT_LE(worst, budget) << (fma ? "with fma: " : "without fma: ") << where;
    if (getenv("DLC_MATH_PRINT") != nullptr) fmt::print("{} {} {} {:.3f} {}\n", name, dtype_of<T>(), fma, worst, where);
  }
}

/// All pairs of special values, then pairs drawn from the strata.
template <typename T>
void pairs(const std::vector<Stratum>& of_x, const std::vector<Stratum>& of_y, std::vector<T>& x, std::vector<T>& y) {
  std::vector<T> special = special_values<T>();
  for (const double v : {5.0, -5.0, 1.5, -1.5, 1e9}) special.push_back(static_cast<T>(v));
  for (const T a : special)
    for (const T b : special) x.push_back(a), y.push_back(b);
  for (const Stratum& sx : of_x) {
    for (const Stratum& sy : of_y) {
      const std::vector<T> a = samples<T>({sx}, 2000, 11), b = samples<T>({sy}, 2000, 13);
      x.insert(x.end(), a.begin(), a.end());
      y.insert(y.end(), b.begin(), b.end());
    }
  }
}

template <typename T>
void check_pow(double budget) {
  std::vector<T> x, y;
  const double big = sizeof(T) == 4 ? 1e38 : 1e300;
  pairs<T>({{0, 4}, {1 / big, big, kLog}, {0.99, 1.01}}, {{-3, 3}, {-130, 130}, {-1100, 1100}, {1, 1e9, kLog, true}}, x,
           y);
  for (int i = -40; i <= 40; ++i)
    for (const double base : {-3.0, -2.0, -1.1, 2.0, 10.0, 0.3}) x.push_back(static_cast<T>(base)), y.push_back(T(i));
  // Near 1, where y log x cancels in nothing but the logarithm itself.
  check_binary<T>("pow", math::pow, [](T a, T b) { return std::pow(Wide{a}, Wide{b}); }, x, y, budget);
}

TEST(MathPow, F32WithinItsUlp) { check_pow<float>(1.0); }
TEST(MathPow, F64WithinItsUlp) { check_pow<double>(2.0); }

template <typename T>
void check_atan2(double budget) {
  std::vector<T> x, y;
  const double big = sizeof(T) == 4 ? 1e38 : 1e300;
  const std::vector<Stratum> strata{{-4, 4}, {1 / big, big, kLog, true}, {0.5, 2, kLog, true}};
  pairs<T>(strata, strata, x, y);
  check_binary<T>("atan2", math::atan2, [](T a, T b) { return std::atan2(Wide{a}, Wide{b}); }, x, y, budget);
}

TEST(MathAtan2, F32WithinItsUlp) { check_atan2<float>(1.0); }
TEST(MathAtan2, F64WithinItsUlp) { check_atan2<double>(3.0); }

// --- what the ULP test does not see -------------------------------------------------------------

TEST(MathSigns, ZerosKeepTheirSign) {
  for (const MathCase& c : kCases) {
    const std::string name = c.name;
    const bool odd = name != "exp" && name != "exp2" && name != "cos" && name != "cosh" && name != "acos" &&
                     name != "erfc" && name != "acosh" && name.substr(0, 3) != "log";
    if (!odd && name != "log1p") continue;
    const Kernel k = build<float>(
        name, 1, true, kLanes,
        [&](LoopBuilder& b, const std::vector<Value>& v, math::MathOptions o) { return c.function(b, v[0], o); });
    const std::vector<float> y = run<float>(k, {{0.0f, -0.0f}});
    EXPECT_FALSE(std::signbit(y[0])) << name;
    EXPECT_TRUE(std::signbit(y[1])) << name;
  }
}

TEST(MathCost, HotFunctionsStayShort) {
  const auto cost = [](Value (*f)(LoopBuilder&, Value, math::MathOptions)) {
    const Kernel k =
        build<float>("cost", 1, true, kLanes,
                     [&](LoopBuilder& b, const std::vector<Value>& v, math::MathOptions o) { return f(b, v[0], o); });
    const std::string text = print(k);
    const size_t loop = text.find("for "), end = text.find("store", loop);
    return std::count(text.begin() + static_cast<ptrdiff_t>(loop), text.begin() + static_cast<ptrdiff_t>(end), '\n') -
           2;
  };
  // Instructions for a vector of f32, bit casts included.
  EXPECT_LE(cost(math::exp), 22);
  EXPECT_LE(cost(math::log), 32);
  EXPECT_LE(cost(math::tanh), 32);
  EXPECT_LE(cost(math::erf), 40);
}

TEST(MathLanes, ScalarsAndVectorsGiveTheSameBits) {
  const std::vector<float> x = samples<float>({{-10, 10}, {1e-3, 1e3, kLog}}, 50, 3);
  for (const MathCase& c : kCases) {
    std::vector<float> in = x, one(x.size()), many(x.size());
    for (const int lanes : {1, 16}) {
      LoopBuilder b(c.name);
      const BufferId from = b.buffer({.name = "x"}), to = b.buffer({.name = "y"});
      b.vector_for(b.i64(0), b.scalar("n"), lanes, [&](Value i, Value mask) {
        b.store(to, c.function(b, b.load(from, i, lanes, mask), {.fma = true}), i, mask);
      });
      const Kernel k = std::move(b).finish();
      const auto n = static_cast<int64_t>(x.size());
      std::vector<float>& out = lanes == 1 ? one : many;
      ASSERT_TRUE(interpret(k, {.buffers = {{in.data(), n}, {out.data(), n}}, .scalars = {n}}));
    }
    EXPECT_EQ(std::memcmp(one.data(), many.data(), one.size() * sizeof(float)), 0) << c.name;
  }
}

}  // namespace
}  // namespace dlc::backend::loops
