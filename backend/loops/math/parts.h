// What several functions are made of. For backend/loops/math only.
#pragma once

#include "backend/loops/math/expr.h"

namespace dlc::backend::loops::math {

/// x = n ln2 + r with |r| <= ln2/2 (a little more where n is rounded the other way), and
/// expm1(r) to about the precision of the type. |x| < 2^20.
struct ExpParts {
  Rounded n;
  Expr r;
  Expr expm1_r;
};
ExpParts exp_parts(Expr x);

/// exp(x) * 2^shift, not clamped: the result must be normal and |n + shift| within the exponent.
Expr exp_in_range(Expr x, int shift = 0);

/// The same of x + low, where |low| is at most an ulp of x.
Expr exp_in_range(Expr x, Expr low, int shift);

/// x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), x positive and normal. `e` as a float.
struct LogParts {
  Expr e;
  Expr f;
};
LogParts log_parts(Expr x);

/// log(1 + f) as f + rest, f of LogParts.
Expr log_rest(Expr f);

/// The result of a logarithm with the special values of its operand: NaN below zero, -infinity at
/// zero, the operand itself where it is infinite or NaN.
Expr log_special_values(Expr x, Expr result);

/// erfc(|x|) / exp(-x^2) for |x| >= 1, f64.
Expr erfc_scaled(Expr x);

/// atan(low / high) + base for 0 <= low <= high, f64; (0, 0) gives NaN.
Expr atan_ratio(Expr low, Expr high);

}  // namespace dlc::backend::loops::math
