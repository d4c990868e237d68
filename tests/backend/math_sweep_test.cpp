// Compiled mathematics over very many inputs. f32: every bit pattern, 2^32 of them, with
// DLC_MATH_ALL=1; else every 4093rd. f64: 10^8 samples with DLC_MATH_ALL=1; else 20,000. The worst
// errors found are the table of docs/math.md, which this test holds to the code, and the code to it.
//   DLC_MATH_ALL=1 DLC_MATH_PRINT=1 backend_test --gtest_filter='*MathSweep*/exp'
//
// References: for f32 the C library in f64, whole vectors at a time (glibc's libmvec, good to 4 ULP of
// f64, where the compiler calls it); whatever looks worse than all before it is judged again by
// long double. For f64 long double.
#include <gtest/gtest.h>

#include <bit>
#include <cfenv>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <sstream>

#include "backend/native/native.h"
#include "runtime/context.h"
#include "tests/backend/math_error.h"
#include "tests/backend/native_testing.h"

#if defined(__GNUC__) && !defined(__clang__)
// GCC is told that the library has vector forms; loops marked `omp simd` then call them, those of the widest
// vectors that the machine has.
#define DLC_VECTOR_FORM(f) extern "C" __attribute__((simd("notinbranch"))) double f(double) noexcept;
DLC_VECTOR_FORM(exp)
DLC_VECTOR_FORM(exp2)
DLC_VECTOR_FORM(expm1)
DLC_VECTOR_FORM(log)
DLC_VECTOR_FORM(log2)
DLC_VECTOR_FORM(log10)
DLC_VECTOR_FORM(log1p)
DLC_VECTOR_FORM(cbrt)
DLC_VECTOR_FORM(sin)
DLC_VECTOR_FORM(cos)
DLC_VECTOR_FORM(tan)
DLC_VECTOR_FORM(asin)
DLC_VECTOR_FORM(acos)
DLC_VECTOR_FORM(atan)
DLC_VECTOR_FORM(sinh)
DLC_VECTOR_FORM(cosh)
DLC_VECTOR_FORM(tanh)
DLC_VECTOR_FORM(asinh)
DLC_VECTOR_FORM(acosh)
DLC_VECTOR_FORM(atanh)
DLC_VECTOR_FORM(erf)
DLC_VECTOR_FORM(erfc)
#define DLC_WIDEST __attribute__((target_clones("avx512f", "avx2", "default")))
#define DLC_VECTOR_LOOP _Pragma("omp simd")
#else
#define DLC_WIDEST
#define DLC_VECTOR_LOOP
#endif

namespace dlc::backend::loops {
namespace {

bool all_inputs() { return std::getenv("DLC_MATH_ALL") != nullptr; }
constexpr int64_t kBlock = 1 << 16;

/// y[i] = f(x[i]) in f64. `got`: what compiled code made of x, for references that start from it.
using Reference = void (*)(const double* x, const float* got, double* y, int64_t n);
#define DLC_LOOP(name, value)                                                                                  \
  DLC_WIDEST void reference_##name(const double* x, [[maybe_unused]] const float* got, double* y, int64_t n) { \
    DLC_VECTOR_LOOP for (int64_t i = 0; i < n; ++i) y[i] = value;                                              \
  }
#define DLC_REFERENCE(f) DLC_LOOP(f, ::f(x[i]))

/// One step of Newton's method from `got`: its size is the error of `got`.
double erfinv_near(double x, double got) {
  if (!(std::fabs(x) < 1) || !std::isfinite(got)) return erfinv_reference(x);
  const double slope = M_2_SQRTPI * std::exp(-got * got);
  const double sign = std::copysign(1, x);
  const double f = std::fabs(x) < 0.5 ? std::erf(got) - x : sign * ((1 - std::fabs(x)) - std::erfc(sign * got));
  return got - f / slope;
}

DLC_REFERENCE(exp)
DLC_REFERENCE(exp2)
DLC_REFERENCE(expm1)
DLC_REFERENCE(log)
DLC_REFERENCE(log2)
DLC_REFERENCE(log10)
DLC_REFERENCE(log1p)
DLC_REFERENCE(cbrt)
DLC_REFERENCE(sin)
DLC_REFERENCE(cos)
DLC_REFERENCE(tan)
DLC_REFERENCE(asin)
DLC_REFERENCE(acos)
DLC_REFERENCE(atan)
DLC_REFERENCE(sinh)
DLC_REFERENCE(cosh)
DLC_REFERENCE(tanh)
DLC_REFERENCE(asinh)
DLC_REFERENCE(acosh)
DLC_REFERENCE(atanh)
DLC_REFERENCE(erf)
DLC_REFERENCE(erfc)
DLC_LOOP(rsqrt, 1 / std::sqrt(x[i]))
DLC_LOOP(erfinv, erfinv_near(x[i], double{got[i]}))

const std::map<std::string, Reference>& references() {
#define DLC_ROW(name) {#name, reference_##name}
  static const std::map<std::string, Reference> all = {
      DLC_ROW(exp),   DLC_ROW(exp2),  DLC_ROW(expm1), DLC_ROW(log),  DLC_ROW(log2),  DLC_ROW(log10),
      DLC_ROW(log1p), DLC_ROW(cbrt),  DLC_ROW(sin),   DLC_ROW(cos),  DLC_ROW(tan),   DLC_ROW(asin),
      DLC_ROW(acos),  DLC_ROW(atan),  DLC_ROW(sinh),  DLC_ROW(cosh), DLC_ROW(tanh),  DLC_ROW(asinh),
      DLC_ROW(acosh), DLC_ROW(atanh), DLC_ROW(erf),   DLC_ROW(erfc), DLC_ROW(rsqrt), DLC_ROW(erfinv),
  };
#undef DLC_ROW
  return all;
}

/// Compiled code of one feature class.
template <typename T>
class Compiled {
 public:
  Compiled(const MathCase& c, bool fma) {
    const std::string target = fma ? "host" : "sse2";
    const int lanes = (fma ? 64 : 16) / static_cast<int>(sizeof(T));
    kernel_ = build<T>(c.name, 1, fma, lanes, [&](LoopBuilder& b, const std::vector<Value>& v, math::MathOptions o) {
      return c.function(b, v[0], o);
    });
    program_ = value_or_throw(compile_native({&kernel_, 1}, {}, testing::options_for(target)));
  }

  void operator()(const T* x, T* y, int64_t n) {
    void* buffers[] = {const_cast<T*>(x), y};
    runtime::run_entry(program_->kernel(kernel_.name), context_, buffers, &n);
  }

 private:
  Kernel kernel_;
  std::shared_ptr<NativeProgram> program_;
  runtime::Context context_;
};

/// Feature classes that this machine runs: with fma, without.
std::vector<bool> classes() { return runs_here("avx2") ? std::vector<bool>{true, false} : std::vector<bool>{false}; }

struct Worst {
  double error = 0, x = 0, got = 0;
};

/// error_in_ulp for results of ordinary size, in a few instructions; negative for the others.
inline double quick_error(float got, double expected) {
  const double size = std::fabs(expected), difference = std::fabs(static_cast<double>(got) - expected);
  constexpr double low = double{std::numeric_limits<float>::min()} / std::numeric_limits<float>::epsilon();
  if (!(size >= low && size <= double{std::numeric_limits<float>::max()} && difference <= size)) {
    const bool same_nan = got != got && expected != expected;
    const bool same_infinity = static_cast<double>(got) == expected;
    return same_nan || same_infinity || (size < low && difference <= double{std::numeric_limits<float>::min()}) ? 0
                                                                                                                : -1;
  }
  // 2^(23 - exponent), made from the exponent's bits.
  const uint64_t exponent = std::bit_cast<uint64_t>(size) >> 52;
  return difference * std::bit_cast<double>((uint64_t{2 * 1023 + 23} - exponent) << 52);
}

void sweep_f32(const MathCase& c, std::vector<Worst>& worst) {
  const uint64_t step = all_inputs() ? 1 : 4093;
  const Reference reference = references().at(c.name);
  std::deque<Compiled<float>> compiled;
  for (const bool fma : classes()) compiled.emplace_back(c, fma);
  worst.assign(compiled.size(), {});
  std::vector<float> x(kBlock), got(kBlock);
  std::vector<double> wide(kBlock), expected(kBlock);
  for (uint64_t at = 0; at >> 32 == 0;) {
    int64_t n = 0;
    for (; n < kBlock && at >> 32 == 0; ++n, at += step) {
      x[static_cast<size_t>(n)] = std::bit_cast<float>(static_cast<uint32_t>(at));
      wide[static_cast<size_t>(n)] = double{flushed(x[static_cast<size_t>(n)])};
    }
    for (size_t k = 0; k < compiled.size(); ++k) {
      compiled[k](x.data(), got.data(), n);
      // What a reference makes of `got` is of this class only.
      if (k == 0 || std::string(c.name) == "erfinv") reference(wide.data(), got.data(), expected.data(), n);
      for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
        const double quick = quick_error(got[i], expected[i]);
        if (quick >= 0 && quick <= worst[k].error) continue;
        const double error = error_in_ulp(got[i], c.f64_reference(Wide{wide[i]}), c.f32_ulp);
        if (error > worst[k].error) worst[k] = {error, double{x[i]}, double{got[i]}};
      }
    }
  }
}

/// Half of the samples from the function's strata, half any bit pattern.
void sweep_f64(const MathCase& c, std::vector<Worst>& worst) {
  const int64_t total = all_inputs() ? 100'000'000 : 20'000;
  std::deque<Compiled<double>> compiled;
  for (const bool fma : classes()) compiled.emplace_back(c, fma);
  worst.assign(compiled.size(), {});
  std::mt19937_64 bits(1);
  for (int64_t done = 0; done < total;) {
    const int64_t wanted = std::min<int64_t>(kBlock, total - done);
    std::vector<double> x =
        samples<double>(c.strata, static_cast<int>(wanted / 2 / static_cast<int64_t>(c.strata.size())),
                        static_cast<uint64_t>(done) + 17);
    while (static_cast<int64_t>(x.size()) < wanted) x.push_back(std::bit_cast<double>(bits()));
    const auto n = static_cast<int64_t>(x.size());
    done += n;
    std::vector<Wide> expected(x.size());
    for (size_t i = 0; i < x.size(); ++i) expected[i] = c.f64_reference(Wide{flushed(x[i])});
    std::vector<double> got(x.size());
    for (size_t k = 0; k < compiled.size(); ++k) {
      compiled[k](x.data(), got.data(), n);
      for (size_t i = 0; i < x.size(); ++i) {
        const double error = error_in_ulp(got[i], expected[i], c.f64_ulp);
        if (error > worst[k].error) worst[k] = {error, x[i], got[i]};
      }
    }
  }
}

/// A dash in the table: nobody has swept the function in full yet.
constexpr double kNotMeasured = -1;

/// The rows of docs/math.md: bound and worst errors, with fma and without, of f32, then of f64.
std::map<std::string, std::vector<double>> documented() {
  std::map<std::string, std::vector<double>> rows;
  std::ifstream file(DLC_SOURCE_DIR "/docs/math.md");
  for (std::string line; std::getline(file, line);) {
    std::istringstream cells(line);
    std::string bar, name;
    if (!(cells >> bar >> name >> bar) || bar != "|") continue;
    std::vector<double> numbers;
    for (std::string cell; cells >> cell >> bar;)
      numbers.push_back(cell == "-" ? kNotMeasured : std::strtod(cell.c_str(), nullptr));
    if (numbers.size() == 6 && numbers[0] > 0) rows[name] = numbers;
  }
  return rows;
}

/// `row`: bound, worst with fma, worst without. The documented worst is rounded up to 3 decimals.
void expect_documented(const char* what, const std::vector<Worst>& worst, std::span<const double> row) {
  for (size_t k = 0; k < worst.size(); ++k) {
    const bool fma = classes()[k];
    const bool measured = row[fma ? 1 : 2] != kNotMeasured;
    const double stated = measured ? row[fma ? 1 : 2] : row[0];
    const std::string where =
        fmt::format("{} {} fma: {:.4f} ULP at {:a} = {}, got {:a}", what, fma ? "with" : "without", worst[k].error,
                    worst[k].x, worst[k].x, worst[k].got);
    if (std::getenv("DLC_MATH_PRINT") != nullptr) fmt::print("{}\n", where);
    EXPECT_LE(worst[k].error, stated + 0.0005) << where;
    EXPECT_LE(stated, row[0]) << what << ": docs/math.md states more than it promises";
    // The table is not padded either.
    if (all_inputs() && measured) {
      EXPECT_NEAR(worst[k].error, stated, 0.0015) << where;
    }
  }
}

class MathSweep : public ::testing::TestWithParam<MathCase> {};

TEST_P(MathSweep, F32) {
  std::vector<Worst> worst;
  sweep_f32(GetParam(), worst);
  const std::vector<double> row = documented().at(GetParam().name);
  EXPECT_EQ(row[0], GetParam().f32_ulp);
  expect_documented(GetParam().name, worst, std::span(row).first(3));
}

TEST_P(MathSweep, F64) {
  std::vector<Worst> worst;
  sweep_f64(GetParam(), worst);
  const std::vector<double> row = documented().at(GetParam().name);
  EXPECT_EQ(row[3], GetParam().f64_ulp);
  expect_documented(GetParam().name, worst, std::span(row).last(3));
}

INSTANTIATE_TEST_SUITE_P(Functions, MathSweep, ::testing::ValuesIn(kCases),
                         [](const ::testing::TestParamInfo<MathCase>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace dlc::backend::loops
