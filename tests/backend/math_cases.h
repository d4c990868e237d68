// The functions of backend/loops/math with their references, error bounds and sample strata, for the
// tests that run them.
#pragma once

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "backend/loops/builder.h"
#include "backend/loops/math/math.h"
#include "backend/loops/verifier.h"

namespace dlc::backend::loops {

using Wide = long double;

/// Samples in [low, high], on a linear or a logarithmic scale; `both` adds the negatives.
struct Stratum {
  double low, high;
  enum Scale { kLinear, kLog } scale = kLinear;
  bool both = false;
};

struct MathCase {
  const char* name;
  Value (*function)(LoopBuilder&, Value, math::MathOptions);
  double (*f32_reference)(double);
  Wide (*f64_reference)(Wide);
  double f32_ulp, f64_ulp;
  std::vector<Stratum> strata;
};
inline void PrintTo(const MathCase& c, std::ostream* os) { *os << c.name; }

/// y[i] = f(x0[i], ...) for i in [0, n): buffers x0, ..., y of T, one scalar n.
template <typename T>
Kernel build(const std::string& name, int arity, bool fma, int lanes,
             const std::function<Value(LoopBuilder&, const std::vector<Value>&, math::MathOptions)>& f) {
  LoopBuilder b(name);
  std::vector<BufferId> in;
  for (int i = 0; i < arity; ++i) in.push_back(b.buffer({.name = "x" + std::to_string(i), .elem = dtype_of<T>()}));
  const BufferId y = b.buffer({.name = "y", .elem = dtype_of<T>()});
  const Value n = b.scalar("n");
  b.vector_for(b.i64(0), n, lanes, [&](Value i, Value mask) {
    std::vector<Value> operands;
    for (const BufferId x : in) operands.push_back(b.load(x, i, lanes, mask));
    b.store(y, f(b, operands, {.fma = fma}), i, mask);
  });
  Kernel k = std::move(b).finish();
  const Expected<void> verified = verify(k);
  DLC_CHECK(verified, "{}", verified.error().str());
  return k;
}

template <typename T>
std::vector<T> special_values() {
  using L = std::numeric_limits<T>;
  std::vector<T> v{T{0},
                   T{1},
                   T{0.5},
                   T{2},
                   T{3},
                   L::infinity(),
                   L::max(),
                   L::min(),
                   L::denorm_min(),
                   L::epsilon(),
                   std::nextafter(T{1}, T{2}),
                   std::nextafter(T{1}, T{0}),
                   T{0.25},
                   T{1024},
                   T{100}};
  for (const T x : std::vector<T>(v)) v.push_back(-x);
  v.push_back(L::quiet_NaN());
  // A NaN whose other bits are set too: arithmetic on exponents must not make a number of it.
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  v.push_back(std::bit_cast<T>(static_cast<Bits>(~Bits{0} >> 1)));
  v.push_back(std::bit_cast<T>(static_cast<Bits>(~Bits{0} - 0x123)));
  return v;
}

template <typename T>
std::vector<T> samples(const std::vector<Stratum>& strata, int per_stratum, uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<T> x = special_values<T>();
  for (const Stratum& s : strata) {
    for (int i = 0; i < per_stratum; ++i) {
      const double u = uniform(rng);
      const double value = s.scale == Stratum::kLinear ? s.low + (s.high - s.low) * u
                                                       : std::exp2(std::log2(s.low) + std::log2(s.high / s.low) * u);
      x.push_back(static_cast<T>(s.both && uniform(rng) < 0.5 ? -value : value));
    }
  }
  return x;
}

inline double rsqrt_reference(double x) { return 1 / std::sqrt(x); }
inline Wide rsqrt_wide(Wide x) { return 1 / std::sqrt(x); }

/// By Newton's method on erf or, near 1, on erfc.
inline Wide erfinv_wide(Wide x) {
  const Wide a = std::fabs(x);
  if (!(a < 1)) return a == 1 ? x * std::numeric_limits<Wide>::infinity() : std::numeric_limits<Wide>::quiet_NaN();
  Wide y = a < 0.7L ? a : std::sqrt(-std::log1p(-a));
  for (int i = 0; i < 60; ++i) {
    const Wide slope = 1.128379167095512573896158903121545172L * std::exp(-y * y);
    const Wide f = a < 0.5L ? std::erf(y) - a : (1 - a) - std::erfc(y);
    const Wide step = f / slope;
    y -= step / (1 + y * step);  // Halley's correction
    if (std::fabs(step) <= std::numeric_limits<Wide>::epsilon() * y) break;
  }
  return std::copysign(y, x);
}
inline double erfinv_reference(double x) { return static_cast<double>(erfinv_wide(x)); }

inline constexpr auto kLog = Stratum::kLog;
#define DLC_MATH_REFERENCES(f) [](double x) { return std::f(x); }, [](Wide x) { return std::f(x); }

inline const MathCase kCases[] = {
    {"exp",
     math::exp,
     DLC_MATH_REFERENCES(exp),
     1.25,
     1.25,
     {{-90, 90}, {-750, 720}, {-1, 1}, {1e-30, 1, kLog, true}, {1, 1e30, kLog, true}}},
    {"exp2",
     math::exp2,
     DLC_MATH_REFERENCES(exp2),
     1.25,
     1.25,
     {{-130, 130}, {-1100, 1030}, {-1, 1}, {1e-30, 1, kLog, true}, {1, 1e30, kLog, true}}},
    {"expm1",
     math::expm1,
     DLC_MATH_REFERENCES(expm1),
     2.0,
     2.0,
     {{-45, 90}, {-1, 1}, {0, 720}, {1e-30, 1, kLog, true}, {1, 1e30, kLog, true}}},
    {"log",
     math::log,
     DLC_MATH_REFERENCES(log),
     1.0,
     1.0,
     {{0.5, 2}, {0.99, 1.01}, {1e-37, 1e38, kLog}, {1e-300, 1e300, kLog}, {0, 100}}},
    {"log2",
     math::log2,
     DLC_MATH_REFERENCES(log2),
     2.0,
     2.0,
     {{0.5, 2}, {0.99, 1.01}, {1e-37, 1e38, kLog}, {1e-300, 1e300, kLog}, {0, 100}}},
    {"log10",
     math::log10,
     DLC_MATH_REFERENCES(log10),
     1.0,
     2.0,
     {{0.5, 2}, {0.99, 1.01}, {1e-37, 1e38, kLog}, {1e-300, 1e300, kLog}, {0, 100}}},
    {"log1p",
     math::log1p,
     DLC_MATH_REFERENCES(log1p),
     2.0,
     2.0,
     {{-1, 2}, {-0.01, 0.01}, {1e-30, 0.9, kLog, true}, {1, 1e38, kLog}, {1e30, 1e300, kLog}}},
    {"rsqrt", math::rsqrt, rsqrt_reference, rsqrt_wide, 1.5, 1.5, {{0, 4}, {1e-37, 1e38, kLog}}},
    {"cbrt",
     math::cbrt,
     DLC_MATH_REFERENCES(cbrt),
     1.0,
     2.0,
     {{-10, 10}, {1e-37, 1e38, kLog, true}, {1e-300, 1e300, kLog, true}}},
    {"sin",
     math::sin,
     DLC_MATH_REFERENCES(sin),
     2.0,
     1.0,
     {{-4, 4}, {-1000, 1000}, {1e-30, 1, kLog, true}, {1, 1e38, kLog, true}, {1e6, 1e300, kLog, true}}},
    {"cos",
     math::cos,
     DLC_MATH_REFERENCES(cos),
     2.0,
     1.0,
     {{-4, 4}, {-1000, 1000}, {1e-30, 1, kLog, true}, {1, 1e38, kLog, true}, {1e6, 1e300, kLog, true}}},
    {"tan",
     math::tan,
     DLC_MATH_REFERENCES(tan),
     1.0,
     3.0,
     {{-4, 4}, {-1000, 1000}, {1e-30, 1, kLog, true}, {1, 1e38, kLog, true}, {1e6, 1e300, kLog, true}}},
    {"asin", math::asin, DLC_MATH_REFERENCES(asin), 1.0, 2.25, {{-1.1, 1.1}, {0.9, 1}, {1e-30, 1, kLog, true}}},
    {"acos", math::acos, DLC_MATH_REFERENCES(acos), 1.0, 2.0, {{-1.1, 1.1}, {0.9, 1}, {1e-30, 1, kLog, true}}},
    {"atan", math::atan, DLC_MATH_REFERENCES(atan), 1.0, 2.0, {{-3, 3}, {1e-30, 1e30, kLog, true}}},
    {"sinh",
     math::sinh,
     DLC_MATH_REFERENCES(sinh),
     1.0,
     2.0,
     {{-3, 3}, {-90, 90}, {-720, 720}, {1e-30, 1, kLog, true}}},
    {"cosh",
     math::cosh,
     DLC_MATH_REFERENCES(cosh),
     1.0,
     2.0,
     {{-3, 3}, {-90, 90}, {-720, 720}, {1e-30, 1, kLog, true}}},
    {"tanh",
     math::tanh,
     DLC_MATH_REFERENCES(tanh),
     1.5,
     1.5,
     {{-3, 3}, {-30, 30}, {1e-30, 1, kLog, true}, {1, 1e30, kLog, true}}},
    {"asinh",
     math::asinh,
     DLC_MATH_REFERENCES(asinh),
     1.0,
     3.0,
     {{-3, 3}, {1e-30, 1e30, kLog, true}, {1e-300, 1e300, kLog, true}}},
    {"acosh", math::acosh, DLC_MATH_REFERENCES(acosh), 1.0, 3.0, {{0.9, 3}, {1, 1e30, kLog}, {1, 1e300, kLog}}},
    {"atanh", math::atanh, DLC_MATH_REFERENCES(atanh), 1.0, 3.0, {{-1.1, 1.1}, {1e-30, 1, kLog, true}}},
    {"erf",
     math::erf,
     DLC_MATH_REFERENCES(erf),
     2.0,
     2.0,
     {{-1.2, 1.2}, {-6.5, 6.5}, {1e-30, 1, kLog, true}, {1, 1e30, kLog, true}}},
    {"erfc",
     math::erfc,
     DLC_MATH_REFERENCES(erfc),
     1.0,
     6.0,
     {{-1.2, 1.2}, {-6.5, 6.5}, {0, 28}, {1e-30, 1, kLog, true}, {1, 1e30, kLog, true}}},
    {"erfinv",
     math::erfinv,
     erfinv_reference,
     erfinv_wide,
     1.0,
     3.0,
     {{-1, 1}, {0.99, 1}, {0.9999999, 1}, {0.9999999999999, 1}, {1e-30, 1, kLog, true}}},
};
#undef DLC_MATH_REFERENCES

}  // namespace dlc::backend::loops
