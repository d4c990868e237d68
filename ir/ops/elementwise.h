// What the element-wise operators share: type rules, and reference meanings made from a function of
// elements. F is a captureless lambda, called with the C++ type of the elements:
//
//   .infer = infer_unary,
//   .reference = map_floats<[](auto x) { return std::floor(x); }>,
#pragma once

#include <cmath>
#include <type_traits>
#include <utility>
#include <vector>

#include "ir/op_def.h"
#include "support/check.h"

namespace dlc::ir {

// Type rules ---------------------------------------------------------------------------------------

/// The operand's type.
Expected<std::vector<TensorType>> infer_unary(const InferContext& c);
/// bool of the operand's dims.
Expected<std::vector<TensorType>> infer_predicate(const InferContext& c);
/// <name>_c1: one element type. <name>_c2: equal dimensions. Result: the first operand's type.
Expected<std::vector<TensorType>> infer_binary(const InferContext& c);
/// The same for three operands.
Expected<std::vector<TensorType>> infer_ternary(const InferContext& c);

// Gradients: reasons for none, building blocks ----------------------------------------------------

inline constexpr const char* kPiecewiseConstant = "piecewise constant: its derivative is zero wherever it has one";
inline constexpr const char* kDiscreteOperands = "defined on bool and integers only";

inline Value square(Builder& b, Value x) { return b.mul(x, x); }
/// s - x.
inline Value subtract_from(Builder& b, double s, Value x) { return b.sub(b.full_like(x, s), x); }
/// 1 - x^2 without cancellation near |x| = 1.
inline Value one_minus_square(Builder& b, Value x) { return b.mul(subtract_from(b, 1.0, x), b.add(x, 1.0)); }
/// The value of a floating constant that is the same everywhere: a constant op of one element, or a
/// broadcast of one.
std::optional<double> uniform_constant(Value v);

// Reference meanings -------------------------------------------------------------------------------

namespace element_detail {

enum class Domain : uint8_t { kFloats, kNumbers, kIntegers, kBitwise };

template <Domain D, typename T>
constexpr bool in_domain() {
  if constexpr (D == Domain::kFloats) return std::is_floating_point_v<T>;
  if constexpr (D == Domain::kNumbers) return !std::is_same_v<T, bool>;
  if constexpr (D == Domain::kIntegers) return std::is_integral_v<T> && !std::is_same_v<T, bool>;
  return std::is_integral_v<T>;
}

/// Element-wise application to as many operands of one type as F takes.
template <Domain D, auto F, size_t... I>
std::vector<Array> apply(const ReferenceContext& c, std::index_sequence<I...>) {
  Array out = c.make_result();
  dispatch(c.operands[0].dtype(), [&]<typename T>() {
    if constexpr (in_domain<D, T>()) {
      using R = std::remove_cvref_t<decltype(F((static_cast<void>(I), T{})...))>;
      const auto to = out.data<R>();
      const std::span<const T> from[] = {c.operands[I].data<T>()...};
      for (size_t i = 0; i < to.size(); ++i) to[i] = F(from[I][i]...);
    } else {
      DLC_UNREACHABLE("{} has no meaning for {}", c.op.name(), c.operands[0].dtype());
    }
  });
  return {out};
}

}  // namespace element_detail

template <auto F>
std::vector<Array> map_floats(const ReferenceContext& c) {
  return element_detail::apply<element_detail::Domain::kFloats, F>(c, std::make_index_sequence<1>());
}
template <auto F>
std::vector<Array> map_numbers(const ReferenceContext& c) {
  return element_detail::apply<element_detail::Domain::kNumbers, F>(c, std::make_index_sequence<1>());
}
template <auto F>
std::vector<Array> map_bitwise(const ReferenceContext& c) {
  return element_detail::apply<element_detail::Domain::kBitwise, F>(c, std::make_index_sequence<1>());
}
template <auto F>
std::vector<Array> zip_floats(const ReferenceContext& c) {
  return element_detail::apply<element_detail::Domain::kFloats, F>(c, std::make_index_sequence<2>());
}
template <auto F>
std::vector<Array> zip_numbers(const ReferenceContext& c) {
  return element_detail::apply<element_detail::Domain::kNumbers, F>(c, std::make_index_sequence<2>());
}
template <auto F>
std::vector<Array> zip_integers(const ReferenceContext& c) {
  return element_detail::apply<element_detail::Domain::kIntegers, F>(c, std::make_index_sequence<2>());
}
template <auto F>
std::vector<Array> zip_bitwise(const ReferenceContext& c) {
  return element_detail::apply<element_detail::Domain::kBitwise, F>(c, std::make_index_sequence<2>());
}
template <auto F>
std::vector<Array> zip3_numbers(const ReferenceContext& c) {
  return element_detail::apply<element_detail::Domain::kNumbers, F>(c, std::make_index_sequence<3>());
}
template <auto F>
std::vector<Array> zip3_floats(const ReferenceContext& c) {
  return element_detail::apply<element_detail::Domain::kFloats, F>(c, std::make_index_sequence<3>());
}

/// The next wider floating type: f32 functions are computed in double, f64 ones in long double, so
/// that a reference is the exact value rounded once (but for the rare double rounding).
template <typename T>
using Wide = std::conditional_t<std::is_same_v<T, float>, double, long double>;

/// `x` as arithmetic sees and leaves it in the floating-point state of the thread, in which subnormals may be 0.
/// The x87 unit, which computes long double, knows nothing of that.
template <typename T>
T in_fp_state(T x) {
  const volatile T one = 1;  // the compiler would drop a factor that it knows
  return x * one;
}

/// F is called with, and its result rounded from, the wider type.
template <auto F>
std::vector<Array> map_math(const ReferenceContext& c) {
  return map_floats<[](auto x) {
    return in_fp_state(static_cast<decltype(x)>(F(static_cast<Wide<decltype(x)>>(in_fp_state(x)))));
  }>(c);
}
template <auto F>
std::vector<Array> zip_math(const ReferenceContext& c) {
  return zip_floats<[](auto a, auto b) {
    using W = Wide<decltype(a)>;
    return in_fp_state(static_cast<decltype(a)>(F(static_cast<W>(in_fp_state(a)), static_cast<W>(in_fp_state(b)))));
  }>(c);
}

/// F(a, b) for integers in an unsigned type of at least 32 bits, so that overflow wraps; for floats
/// in their own type.
template <auto F, typename T>
T wrapping(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using U = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
    return static_cast<T>(F(static_cast<U>(a), static_cast<U>(b)));
  } else {
    return F(a, b);
  }
}

/// -x; the least integer wraps to itself.
template <typename T>
T negative(T x) {
  return std::is_floating_point_v<T> ? -x : wrapping<[](auto a, auto b) { return b - a; }>(x, T{0});
}

/// A copy of the first operand.
std::vector<Array> same_elements(const ReferenceContext& c);

}  // namespace dlc::ir
