// Integers at their corners, through the whole compiler, for every integer type and target: wrapping,
// MIN / -1, shifts by the width and more, casts that saturate, division by zero. What is expected is
// computed here, in 128 bits, by the words of SEMANTICS.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "backend/native/native.h"
#include "tests/backend/compile_testing.h"

namespace dlc::backend::testing {
namespace {

using Wide = __int128;

template <typename T>
std::vector<T> corners() {
  using L = std::numeric_limits<T>;
  constexpr T width = sizeof(T) * 8;
  return {L::min(),
          static_cast<T>(L::min() + 1),
          static_cast<T>(-1),
          T{0},
          T{1},
          T{2},
          T{7},
          width - 1,
          width,
          width + 1,
          T{100},
          static_cast<T>(L::max() / 2),
          L::max() - 1,
          L::max(),
          static_cast<T>(-7)};
}

template <typename T>
T wrapped(Wide x) {
  return static_cast<T>(static_cast<std::make_unsigned_t<T>>(static_cast<unsigned __int128>(x)));
}

template <typename T>
T shifted(T x, T by, bool left) {
  if (by < 0 || by >= static_cast<T>(sizeof(T) * 8)) return 0;
  return left ? wrapped<T>(static_cast<Wide>(x) << by) : static_cast<T>(x >> by);
}

template <typename T>
struct Operation {
  const char* name;
  std::function<T(T, T)> expected;
  bool divides = false;
};

template <typename T>
std::vector<Operation<T>> operations() {
  return {
      {"add", [](T x, T y) { return wrapped<T>(Wide{x} + y); }},
      {"sub", [](T x, T y) { return wrapped<T>(Wide{x} - y); }},
      {"mul",
       [](T x, T y) {
         return wrapped<T>(
             static_cast<Wide>(static_cast<unsigned __int128>(Wide{x}) * static_cast<unsigned __int128>(Wide{y})));
       }},
      {"div", [](T x, T y) { return wrapped<T>(Wide{x} / y); }, true},
      {"rem", [](T x, T y) { return wrapped<T>(Wide{x} % y); }, true},
      {"shift_left", [](T x, T y) { return shifted(x, y, true); }},
      {"shift_right", [](T x, T y) { return shifted(x, y, false); }},
      {"max", [](T x, T y) { return std::max(x, y); }},
      {"min", [](T x, T y) { return std::min(x, y); }},
  };
}

/// The targets that this machine runs.
std::vector<std::string> targets() {
  std::vector<std::string> found;
  for (const char* target : {"sse2", "avx2", "avx512"})
    if (runs_here(target)) found.emplace_back(target);
  return found;
}

template <typename T>
class IntegerCorners : public ::testing::Test {};
struct TypeNames {
  template <typename T>
  static std::string GetName(int) {
    return to_string(dtype_of<T>());
  }
};
using IntegerTypes = ::testing::Types<uint8_t, int32_t, int64_t, uint32_t, uint64_t>;
TYPED_TEST_SUITE(IntegerCorners, IntegerTypes, TypeNames);

/// Every pair of corners, and an odd number of them, so that vectors have tails.
TYPED_TEST(IntegerCorners, TwoOperands) {
  using T = TypeParam;
  const char* t = to_string(dtype_of<T>());
  for (const Operation<T>& operation : operations<T>()) {
    std::vector<T> x, y, expected;
    for (const T a : corners<T>())
      for (const T b : corners<T>()) {
        if (operation.divides && b == 0) continue;
        x.push_back(a);
        y.push_back(b);
        expected.push_back(operation.expected(a, b));
      }
    const auto n = static_cast<int64_t>(x.size());
    const auto f = parse_function(fmt::format(
        "func @f(%x: {0}[{1}], %y: {0}[{1}]) -> ({0}[{1}]) {{\n  %0 = {2}(%x, %y) : {0}[{1}]\n  return %0\n}}", t, n,
        operation.name));
    for (const std::string& target : targets()) {
      const RunOutcome out = run_compiled(*f, {Array::of<T>({n}, x), Array::of<T>({n}, y)}, {.target = target});
      ASSERT_FALSE(out.fault) << out.fault->str();
      for (size_t i = 0; i < x.size(); ++i)
        ASSERT_EQ(+out.results[0].data<T>()[i], +expected[i])
            << operation.name << "(" << +x[i] << ", " << +y[i] << ") for " << target;
    }
  }
}

TYPED_TEST(IntegerCorners, OneOperand) {
  using T = TypeParam;
  const char* t = to_string(dtype_of<T>());
  const std::vector<T> x = corners<T>();
  const auto n = static_cast<int64_t>(x.size());
  const auto f = parse_function(fmt::format(R"(func @f(%x: {0}[{1}]) -> ({0}[{1}], {0}[{1}], {0}[{1}]) {{
  %0 = neg(%x) : {0}[{1}]
  %1 = abs(%x) : {0}[{1}]
  %2 = not(%x) : {0}[{1}]
  return %0, %1, %2
}})",
                                            t, n));
  for (const std::string& target : targets()) {
    const RunOutcome out = run_compiled(*f, {Array::of<T>({n}, x)}, {.target = target});
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_EQ(out.results[0].data<T>()[i], wrapped<T>(-Wide{x[i]})) << "neg " << +x[i] << " for " << target;
      EXPECT_EQ(out.results[1].data<T>()[i], wrapped<T>(x[i] < 0 ? -Wide{x[i]} : Wide{x[i]})) << "abs " << +x[i];
      EXPECT_EQ(out.results[2].data<T>()[i], static_cast<T>(~x[i])) << "not " << +x[i];
    }
  }
}

/// Floats to integers saturate, NaN gives 0, fractions are cut.
template <typename F, typename T>
void expect_saturation() {
  using L = std::numeric_limits<T>;
  const double low = static_cast<double>(L::min()), high = static_cast<double>(L::max());
  std::vector<F> x;
  for (const double v : {0.0, -0.0, 0.9, -0.9, 1.5, -1.5, 2.5, 1e10, -1e10, 1e30, -1e30, low, high, low - 1, high + 1,
                         low * 2, high * 2, high / 2, low / 2})
    x.push_back(static_cast<F>(v));
  x.insert(x.end(), {std::nextafter(static_cast<F>(high), F{0}), std::nextafter(static_cast<F>(low), F{0}),
                     std::numeric_limits<F>::infinity(), -std::numeric_limits<F>::infinity(),
                     std::numeric_limits<F>::quiet_NaN(), std::numeric_limits<F>::max()});
  const auto n = static_cast<int64_t>(x.size());
  const auto f = parse_function(fmt::format(
      "func @f(%x: {0}[{2}]) -> ({1}[{2}]) {{\n  %0 = convert(%x) {{dtype = {1}}} : {1}[{2}]\n  return %0\n}}",
      to_string(dtype_of<F>()), to_string(dtype_of<T>()), n));
  for (const std::string& target : targets()) {
    const RunOutcome out = run_compiled(*f, {Array::of<F>({n}, x)}, {.target = target});
    for (size_t i = 0; i < x.size(); ++i) {
      T expected = 0;
      // 2^63 and 2^64 are floats, MAX of 64 bits is none: compare with the power.
      const double beyond = std::ldexp(1.0, L::digits);
      if (static_cast<double>(x[i]) >= beyond)
        expected = L::max();
      else if (static_cast<double>(x[i]) <= low)
        expected = L::min();
      else if (!std::isnan(x[i]))
        expected = static_cast<T>(x[i]);
      EXPECT_EQ(+out.results[0].data<T>()[i], +expected) << x[i] << " for " << target;
    }
  }
}

TYPED_TEST(IntegerCorners, FloatsSaturate) {
  expect_saturation<float, TypeParam>();
  expect_saturation<double, TypeParam>();
}

/// A zero divisor, wherever it is, is a fault that names node, element and value; no variable changes.
TYPED_TEST(IntegerCorners, DivisionByZeroFaults) {
  using T = TypeParam;
  const char* t = to_string(dtype_of<T>());
  for (const char* op : {"div", "rem"}) {
    const auto f =
        parse_function(fmt::format(R"(func @f(%x: {0}[37], %w: {0}[37] variable "w") -> ({0}[37] update "w") {{
  %0 = {1}(%w, %x) : {0}[37] loc("quotient", "a.dlc":3)
  return %0
}})",
                                   t, op));
    for (const std::string& target : targets())
      for (const size_t zero : {0, 15, 36}) {
        Array x = Array::full(dtype_of<T>(), {37}, 3), w = Array::full(dtype_of<T>(), {37}, 100);
        x.data<T>()[zero] = 0;
        const RunOutcome out = run_compiled(*f, {x, w}, {.target = target});
        ASSERT_TRUE(out.fault) << op << " for " << target;
        EXPECT_EQ(out.fault->code, ErrorCode::kArithmetic);
        EXPECT_NE(out.fault->message.find("'quotient'"), std::string::npos) << out.fault->str();
        EXPECT_NE(out.fault->message.find(fmt::format("element {}", zero)), std::string::npos) << out.fault->str();
        EXPECT_TRUE(out.params[1].identical(w)) << "a variable changed";
      }
  }
}

}  // namespace
}  // namespace dlc::backend::testing
