// Element-wise operators, with NumPy broadcasting: shapes are aligned at their ends, and a size of 1 is
// stretched. A symbol does not stretch: where two sizes are not known to be equal, each run checks it.
//
//   Tensor cost = pow(w, 2) - 10 * w + 25;
//   Tensor y = where(x > 0, x, 0.1f * x);
//
// Operands of one operator have one element type; literals take it from the others. Mathematics is for
// f32 and f64. Integers wrap.
#pragma once

#include <string_view>
#include <vector>

#include "frontend/graph/graph.h"
#include "frontend/graph/tensor_arg.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

// Arithmetic of one operand.
Tensor abs(const TensorArg& x, std::string_view name = {});
Tensor negative(const TensorArg& x, std::string_view name = {});
Tensor sign(const TensorArg& x, std::string_view name = {});
Tensor square(const TensorArg& x, std::string_view name = {});
Tensor reciprocal(const TensorArg& x, std::string_view name = {});
Tensor floor(const TensorArg& x, std::string_view name = {});
Tensor ceil(const TensorArg& x, std::string_view name = {});
/// To the nearest integer, of two equally near ones to the even one.
Tensor round(const TensorArg& x, std::string_view name = {});
Tensor rint(const TensorArg& x, std::string_view name = {});
/// Towards zero.
Tensor trunc(const TensorArg& x, std::string_view name = {});

// Powers, exponentials, logarithms.
Tensor sqrt(const TensorArg& x, std::string_view name = {});
Tensor rsqrt(const TensorArg& x, std::string_view name = {});
Tensor cbrt(const TensorArg& x, std::string_view name = {});
Tensor exp(const TensorArg& x, std::string_view name = {});
Tensor expm1(const TensorArg& x, std::string_view name = {});
Tensor log(const TensorArg& x, std::string_view name = {});
Tensor log1p(const TensorArg& x, std::string_view name = {});

// Trigonometric and hyperbolic functions and their inverses; error functions.
Tensor sin(const TensorArg& x, std::string_view name = {});
Tensor cos(const TensorArg& x, std::string_view name = {});
Tensor tan(const TensorArg& x, std::string_view name = {});
Tensor asin(const TensorArg& x, std::string_view name = {});
Tensor acos(const TensorArg& x, std::string_view name = {});
Tensor atan(const TensorArg& x, std::string_view name = {});
Tensor sinh(const TensorArg& x, std::string_view name = {});
Tensor cosh(const TensorArg& x, std::string_view name = {});
Tensor tanh(const TensorArg& x, std::string_view name = {});
Tensor asinh(const TensorArg& x, std::string_view name = {});
Tensor acosh(const TensorArg& x, std::string_view name = {});
Tensor atanh(const TensorArg& x, std::string_view name = {});
Tensor erf(const TensorArg& x, std::string_view name = {});
Tensor erfc(const TensorArg& x, std::string_view name = {});
Tensor erfinv(const TensorArg& x, std::string_view name = {});

// Activations. Operands up to 1e12, in size, give finite gradients; infinite ones may give NaN, as x * sigmoid(x) does.
Tensor sigmoid(const TensorArg& x, std::string_view name = {});
Tensor log_sigmoid(const TensorArg& x, std::string_view name = {});
Tensor relu(const TensorArg& x, std::string_view name = {});
Tensor relu6(const TensorArg& x, std::string_view name = {});
Tensor leaky_relu(const TensorArg& x, double alpha = 0.2, std::string_view name = {});
Tensor elu(const TensorArg& x, double alpha = 1.0, std::string_view name = {});
Tensor selu(const TensorArg& x, std::string_view name = {});
/// x * Phi(x); `approximate`: its tanh form.
Tensor gelu(const TensorArg& x, bool approximate = false, std::string_view name = {});
/// x * sigmoid(x).
Tensor silu(const TensorArg& x, std::string_view name = {});
Tensor swish(const TensorArg& x, std::string_view name = {});
/// log(1 + e^x).
Tensor softplus(const TensorArg& x, std::string_view name = {});
/// x / (1 + |x|).
Tensor softsign(const TensorArg& x, std::string_view name = {});
/// clip(0.2 x + 0.5, 0, 1).
Tensor hard_sigmoid(const TensorArg& x, std::string_view name = {});
/// x * tanh(softplus(x)).
Tensor mish(const TensorArg& x, std::string_view name = {});

// Arithmetic of two operands.
Tensor add(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor subtract(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor multiply(const TensorArg& x, const TensorArg& y, std::string_view name = {});
/// The quotient; of integers in f64 (of u8 in f32). For integers rounded down see floordiv.
Tensor divide(const TensorArg& x, const TensorArg& y, std::string_view name = {});
/// x / y, 0 where y is 0.
Tensor div_no_nan(const TensorArg& x, const TensorArg& y, std::string_view name = {});
/// Rounded down. Integers: y = 0 fails the run, naming the node.
Tensor floordiv(const TensorArg& x, const TensorArg& y, std::string_view name = {});
/// Rounded towards zero, of integers.
Tensor truncatediv(const TensorArg& x, const TensorArg& y, std::string_view name = {});
/// x - y * floor(x / y): the sign of y.
Tensor mod(const TensorArg& x, const TensorArg& y, std::string_view name = {});
/// x - y * trunc(x / y): the sign of x.
Tensor truncatemod(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor pow(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor maximum(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor minimum(const TensorArg& x, const TensorArg& y, std::string_view name = {});
/// (x - y)^2.
Tensor squared_difference(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor atan2(const TensorArg& y, const TensorArg& x, std::string_view name = {});
/// sqrt(x^2 + y^2) without overflow on the way.
Tensor hypot(const TensorArg& x, const TensorArg& y, std::string_view name = {});
/// x * log(y), 0 where x is 0.
Tensor xlogy(const TensorArg& x, const TensorArg& y, std::string_view name = {});
/// The sum of all, which have one type.
Tensor add_n(const std::vector<Tensor>& xs, std::string_view name = {},
             std::source_location loc = std::source_location::current());

// Comparison; the result is bool. NaN is unequal to everything.
Tensor equal(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor not_equal(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor less(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor less_equal(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor greater(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor greater_equal(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor is_nan(const TensorArg& x, std::string_view name = {});
Tensor is_inf(const TensorArg& x, std::string_view name = {});
Tensor is_finite(const TensorArg& x, std::string_view name = {});

// Logic, of bool; bits, of integers.
Tensor logical_and(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor logical_or(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor logical_xor(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor logical_not(const TensorArg& x, std::string_view name = {});
Tensor bitwise_and(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor bitwise_or(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor bitwise_xor(const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor bitwise_not(const TensorArg& x, std::string_view name = {});
/// A shift by the width or more gives 0.
Tensor left_shift(const TensorArg& x, const TensorArg& y, std::string_view name = {});
/// Of signed integers with copies of the sign.
Tensor right_shift(const TensorArg& x, const TensorArg& y, std::string_view name = {});

// Choice and conversion.
/// condition ? x : y, element by element.
Tensor where(const TensorArg& condition, const TensorArg& x, const TensorArg& y, std::string_view name = {});
Tensor clip_by_value(const TensorArg& x, const TensorArg& clip_value_min, const TensorArg& clip_value_max,
                     std::string_view name = {});
/// Floating to integer saturates, NaN gives 0; to bool is != 0; integers wrap.
Tensor cast(const TensorArg& x, DType dtype, std::string_view name = {});
/// a + weight * (b - a).
Tensor lerp(const TensorArg& a, const TensorArg& b, const TensorArg& weight, std::string_view name = {});

inline Tensor operator+(const TensorArg& x, const TensorArg& y) { return add(x, y); }
inline Tensor operator-(const TensorArg& x, const TensorArg& y) { return subtract(x, y); }
inline Tensor operator*(const TensorArg& x, const TensorArg& y) { return multiply(x, y); }
inline Tensor operator/(const TensorArg& x, const TensorArg& y) { return divide(x, y); }
inline Tensor operator%(const TensorArg& x, const TensorArg& y) { return mod(x, y); }
inline Tensor operator-(const TensorArg& x) { return negative(x); }
inline Tensor operator<(const TensorArg& x, const TensorArg& y) { return less(x, y); }
inline Tensor operator<=(const TensorArg& x, const TensorArg& y) { return less_equal(x, y); }
inline Tensor operator>(const TensorArg& x, const TensorArg& y) { return greater(x, y); }
inline Tensor operator>=(const TensorArg& x, const TensorArg& y) { return greater_equal(x, y); }
/// Of bool and of integers.
inline Tensor operator&(const TensorArg& x, const TensorArg& y) { return bitwise_and(x, y); }
inline Tensor operator|(const TensorArg& x, const TensorArg& y) { return bitwise_or(x, y); }
inline Tensor operator^(const TensorArg& x, const TensorArg& y) { return bitwise_xor(x, y); }
inline Tensor operator~(const TensorArg& x) { return bitwise_not(x); }

}  // namespace dlc DLC_PUBLIC
