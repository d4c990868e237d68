// Mathematics in the loop language: each function adds the instructions that compute it, for any
// number of lanes of f32 or f64, and returns the result. One function, one file, which states
// method, domain, special values and error. tests/backend/math_test.cpp holds every one to its
// error bound, in units in the last place (ULP) of the result.
//
//   Value y = math::tanh(b, x, {.fma = target.has_fma});
//
// Bits depend on MathOptions and on nothing else: not on lanes, threads or what surrounds the call.
// Subnormal operands and results are zero, as everywhere in a program. Within a computation they
// are, too: a result smaller than 2^24 (2^53) times the smallest normal number may be wrong by that
// number. Functions that say "through f64" compute f32 operands in f64 lanes and round once.
//
// Polynomials were fitted for this project: interpolation at Chebyshev points in 60-digit
// arithmetic, of the remainder that each file names, then rounded to the element type.
#pragma once

#include "backend/loops/builder.h"

namespace dlc::backend::loops::math {

struct MathOptions {
  /// The target's feature class has fused multiply-add: kFma is emitted, else mul and add.
  bool fma = true;
};

Value exp(LoopBuilder& b, Value x, MathOptions options);
Value exp2(LoopBuilder& b, Value x, MathOptions options);
Value expm1(LoopBuilder& b, Value x, MathOptions options);
Value log(LoopBuilder& b, Value x, MathOptions options);
Value log2(LoopBuilder& b, Value x, MathOptions options);
Value log10(LoopBuilder& b, Value x, MathOptions options);
Value log1p(LoopBuilder& b, Value x, MathOptions options);
Value pow(LoopBuilder& b, Value x, Value y, MathOptions options);
Value rsqrt(LoopBuilder& b, Value x, MathOptions options);
Value cbrt(LoopBuilder& b, Value x, MathOptions options);

Value sin(LoopBuilder& b, Value x, MathOptions options);
Value cos(LoopBuilder& b, Value x, MathOptions options);
Value tan(LoopBuilder& b, Value x, MathOptions options);
Value asin(LoopBuilder& b, Value x, MathOptions options);
Value acos(LoopBuilder& b, Value x, MathOptions options);
Value atan(LoopBuilder& b, Value x, MathOptions options);
/// The angle of the point (x, y), in [-pi, pi].
Value atan2(LoopBuilder& b, Value y, Value x, MathOptions options);

Value sinh(LoopBuilder& b, Value x, MathOptions options);
Value cosh(LoopBuilder& b, Value x, MathOptions options);
Value tanh(LoopBuilder& b, Value x, MathOptions options);
Value asinh(LoopBuilder& b, Value x, MathOptions options);
Value acosh(LoopBuilder& b, Value x, MathOptions options);
Value atanh(LoopBuilder& b, Value x, MathOptions options);

Value erf(LoopBuilder& b, Value x, MathOptions options);
Value erfc(LoopBuilder& b, Value x, MathOptions options);
/// The inverse of erf.
Value erfinv(LoopBuilder& b, Value x, MathOptions options);
/// The remainder of x / y with the sign of x; exact.
Value fmod(LoopBuilder& b, Value x, Value y, MathOptions options);

}  // namespace dlc::backend::loops::math
