// Expr: arithmetic on values of the loop language with operators, so that a formula reads as one.
// For backend/loops/math only.
#pragma once

#include <initializer_list>
#include <limits>

#include "backend/loops/builder.h"
#include "backend/loops/math/math.h"

namespace dlc::backend::loops::math {

class Expr {
 public:
  Expr(LoopBuilder& b, MathOptions options, Value v) : b_(&b), options_(options), v_(v) {}

  Value value() const { return v_; }
  Type type() const { return b_->type(v_); }
  LoopBuilder& builder() const { return *b_; }
  MathOptions options() const { return options_; }
  bool is_f32() const { return type().elem == kFloat32; }

  Expr with(Value v) const { return {*b_, options_, v}; }
  /// A constant of this type.
  Expr like(double c) const { return with(b_->constant(type(), c)); }
  Expr like_int(int64_t c) const { return with(b_->constant_int(type(), c)); }
  Expr infinity() const { return like(std::numeric_limits<double>::infinity()); }
  Expr nan() const { return like(std::numeric_limits<double>::quiet_NaN()); }
  Expr to(DType t) const { return with(b_->convert(v_, t)); }
  /// The bits of a float as the signed integer of its width, and back.
  Expr bits() const { return with(b_->bitcast(v_, is_f32() ? kInt32 : kInt64)); }
  Expr as_float() const { return with(b_->bitcast(v_, type().elem == kInt32 ? kFloat32 : kFloat64)); }

  friend Expr operator+(Expr a, Expr b) { return a.with(a.b_->add(a.v_, b.v_)); }
  friend Expr operator-(Expr a, Expr b) { return a.with(a.b_->sub(a.v_, b.v_)); }
  friend Expr operator*(Expr a, Expr b) { return a.with(a.b_->mul(a.v_, b.v_)); }
  friend Expr operator/(Expr a, Expr b) { return a.with(a.b_->div(a.v_, b.v_)); }
  friend Expr operator-(Expr a) { return a.with(a.b_->neg(a.v_)); }
  friend Expr operator+(Expr a, double b) { return a + a.like(b); }
  friend Expr operator-(Expr a, double b) { return a - a.like(b); }
  friend Expr operator*(Expr a, double b) { return a * a.like(b); }
  friend Expr operator/(Expr a, double b) { return a / a.like(b); }
  friend Expr operator+(double a, Expr b) { return b.like(a) + b; }
  friend Expr operator-(double a, Expr b) { return b.like(a) - b; }
  friend Expr operator*(double a, Expr b) { return b.like(a) * b; }
  friend Expr operator/(double a, Expr b) { return b.like(a) / b; }

  friend Expr operator<(Expr a, Expr b) { return a.with(a.b_->lt(a.v_, b.v_)); }
  friend Expr operator<=(Expr a, Expr b) { return a.with(a.b_->le(a.v_, b.v_)); }
  friend Expr operator>(Expr a, Expr b) { return a.with(a.b_->gt(a.v_, b.v_)); }
  friend Expr operator>=(Expr a, Expr b) { return a.with(a.b_->ge(a.v_, b.v_)); }
  friend Expr operator==(Expr a, Expr b) { return a.with(a.b_->eq(a.v_, b.v_)); }
  friend Expr operator!=(Expr a, Expr b) { return a.with(a.b_->ne(a.v_, b.v_)); }
  friend Expr operator<(Expr a, double b) { return a < a.like(b); }
  friend Expr operator<=(Expr a, double b) { return a <= a.like(b); }
  friend Expr operator>(Expr a, double b) { return a > a.like(b); }
  friend Expr operator>=(Expr a, double b) { return a >= a.like(b); }
  friend Expr operator==(Expr a, double b) { return a == a.like(b); }
  friend Expr operator!=(Expr a, double b) { return a != a.like(b); }
  friend Expr operator&(Expr a, Expr b) { return a.with(a.b_->bit_and(a.v_, b.v_)); }
  friend Expr operator|(Expr a, Expr b) { return a.with(a.b_->bit_or(a.v_, b.v_)); }
  friend Expr operator<<(Expr a, int n) { return a.with(a.b_->shl(a.v_, a.like_int(n).v_)); }
  friend Expr operator>>(Expr a, int n) { return a.with(a.b_->shr(a.v_, a.like_int(n).v_)); }

 private:
  LoopBuilder* b_;
  MathOptions options_;
  Value v_;
};

inline Expr abs(Expr x) { return x.with(x.builder().abs(x.value())); }
inline Expr sqrt(Expr x) { return x.with(x.builder().sqrt(x.value())); }
inline Expr round_even(Expr x) { return x.with(x.builder().round_even(x.value())); }
inline Expr trunc(Expr x) { return x.with(x.builder().trunc(x.value())); }
inline Expr copysign(Expr x, Expr sign) { return x.with(x.builder().copysign(x.value(), sign.value())); }
inline Expr min(Expr a, Expr b) { return a.with(a.builder().min(a.value(), b.value())); }
inline Expr max(Expr a, Expr b) { return a.with(a.builder().max(a.value(), b.value())); }
inline Expr select(Expr condition, Expr if_true, Expr if_false) {
  return if_true.with(if_true.builder().select(condition.value(), if_true.value(), if_false.value()));
}

/// a*b + c, rounded once where the target can.
inline Expr fma(Expr a, Expr b, Expr c) {
  if (!a.options().fma) return a * b + c;
  return a.with(a.builder().fma(a.value(), b.value(), c.value()));
}
inline Expr fma(Expr a, double b, Expr c) { return fma(a, a.like(b), c); }
inline Expr fma(Expr a, Expr b, double c) { return fma(a, b, a.like(c)); }

/// c[0] + c[1] x + c[2] x^2 + ..., by Horner's rule.
inline Expr polynomial(Expr x, std::initializer_list<double> c) {
  const double* p = c.end();
  Expr sum = x.like(*--p);
  while (p != c.begin()) sum = fma(sum, x, *--p);
  return sum;
}

/// Explicit mantissa bits and the exponent bias of the type.
struct FloatFormat {
  int mantissa_bits;
  int bias;
};
inline FloatFormat format_of(Expr x) { return x.is_f32() ? FloatFormat{23, 127} : FloatFormat{52, 1023}; }

/// A float rounded to an integer n by adding 1.5 * 2^mantissa: `n`, and the sum, whose low bits
/// are those of n. Cheaper than round and convert (which must saturate). |x * scale| < 2^21.
struct Rounded {
  Expr n;
  Expr sum;
};
inline Rounded round_product(Expr x, double scale) {
  const double magic = x.is_f32() ? 12582912.0 : 6755399441055744.0;
  const Expr sum = fma(x, scale, x.like(magic));
  return {sum - magic, sum};
}
/// 2^(n + shift), for a result that is normal; `shift` may be the exponent's bias in disguise.
inline Expr pow2(const Rounded& r, int shift = 0) {
  const FloatFormat f = format_of(r.sum);
  const Expr bits = r.sum.bits();
  return ((bits + bits.like_int(f.bias + shift)) << f.mantissa_bits).as_float();
}

/// a*b as an unevaluated sum hi + lo; exact but for underflow. Without fma by Dekker's splitting
/// (A floating-point technique for extending the available precision, 1971).
struct TwoFloats {
  Expr hi, lo;
};
inline TwoFloats split(Expr a) {
  const Expr c = a * (a.is_f32() ? 4097.0 : 134217729.0);
  const Expr hi = c - (c - a);
  return {hi, a - hi};
}
inline TwoFloats two_product(Expr a, Expr b) {
  const Expr hi = a * b;
  if (a.options().fma) return {hi, fma(a, b, -hi)};
  const TwoFloats x = split(a), y = split(b);
  return {hi, ((x.hi * y.hi - hi) + x.hi * y.lo + x.lo * y.hi) + x.lo * y.lo};
}
/// a + b exactly (Knuth).
inline TwoFloats two_sum(Expr a, Expr b) {
  const Expr s = a + b;
  const Expr bb = s - a;
  return {s, (a - (s - bb)) + (b - bb)};
}
/// a + b exactly when |a| >= |b| or a == 0.
inline TwoFloats fast_two_sum(Expr a, Expr b) {
  const Expr s = a + b;
  return {s, b - (s - a)};
}

/// f on f64 lanes, for operands of either type.
template <typename F>
Value through_f64(LoopBuilder& b, Value x, MathOptions options, F f) {
  const Expr in(b, options, x);
  const Expr out = f(in.to(kFloat64));
  return out.to(in.type().elem).value();
}

}  // namespace dlc::backend::loops::math
