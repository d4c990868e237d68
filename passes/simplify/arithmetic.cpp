// Arithmetic identities that hold for every bit pattern. What is not here for floats is not
// exact: x + 0 turns -0 into 0, x * 0 and x - x lose NaN, -(a - b) is -0 where b - a is 0.
#include <cmath>
#include <limits>

#include "passes/simplify/families.h"
#include "passes/simplify/family_util.h"

namespace dlc::passes {
namespace {

using ir::Op;
using ir::OpKind;
using ir::Rewriter;
using ir::Value;

/// Pattern: add(x, -0) -> x; integers: add(x, 0) -> x
/// -0 is the neutral element of floats: 0 would turn -0 into 0.
bool add_of_zero(Op& root, Rewriter& rw) {
  Value x;
  const double neutral = is_float(root.type().dtype) ? -0.0 : 0.0;
  return m::commutative_add(m::any(x), m::splat(neutral)).match(root) && replace_by(root, x, rw);
}

/// Pattern: sub(x, 0) -> x
bool sub_of_zero(Op& root, Rewriter& rw) {
  Value x;
  return m::sub(m::any(x), m::splat(0.0)).match(root) && replace_by(root, x, rw);
}

/// Pattern: integers: sub(x, x) -> 0
bool sub_of_itself(Op& root, Rewriter& rw) {
  if (is_float(root.type().dtype) || root.operand(0) != root.operand(1)) return false;
  rw.replace(root, rw.full(root.type(), 0));
  return true;
}

/// Pattern: mul(x, 1) -> x; div(x, 1) -> x
bool mul_of_one(Op& root, Rewriter& rw) {
  Value x;
  return m::commutative_mul(m::any(x), m::splat(1.0)).match(root) && replace_by(root, x, rw);
}
bool div_by_one(Op& root, Rewriter& rw) {
  Value x;
  return m::div(m::any(x), m::splat(1.0)).match(root) && replace_by(root, x, rw);
}

/// Pattern: integers: mul(x, 0) -> 0
bool mul_of_zero(Op& root, Rewriter& rw) {
  Value x;
  if (is_float(root.type().dtype) || !m::commutative_mul(m::any(x), m::splat(0.0)).match(root)) return false;
  rw.replace(root, rw.full(root.type(), 0));
  return true;
}

/// Whether c and 1/c are powers of two and normal numbers of the type.
bool has_exact_reciprocal(double c, DType t) {
  int exponent = 0;
  if (!std::isfinite(c) || std::abs(std::frexp(c, &exponent)) != 0.5) return false;
  const int limit = t == kFloat32 ? 126 : 1022;  // frexp's exponent is one more than that of 2^e
  return std::abs(exponent - 1) <= limit;
}

/// Pattern: div(x, c) -> mul(x, 1/c)   [c a power of two]
/// A division costs several times a product; here both round the same number.
bool div_by_power_of_two(Op& root, Rewriter& rw) {
  Value x;
  double c = 0;
  if (!is_float(root.type().dtype) || !m::div(m::any(x), m::splat_of(c)).match(root)) return false;
  if (!has_exact_reciprocal(c, root.type().dtype) || x.type() != root.type()) return false;
  rw.replace(root, rw.mul(x, rw.full(root.type(), 1 / c)));
  return true;
}

/// Pattern: neg(neg(x)) -> x
bool neg_of_neg(Op& root, Rewriter& rw) {
  Value x;
  return m::neg(m::neg(m::any(x))).match(root) && replace_by(root, x, rw);
}

/// Pattern: abs(neg(x)), abs(abs(x)) -> abs(x)
bool abs_of_sign(Op& root, Rewriter& rw) {
  Value x;
  const bool signed_number = is_float(root.type().dtype);
  if (!signed_number || !(m::abs(m::neg(m::any(x))).match(root) || m::abs(m::abs(m::any(x))).match(root))) return false;
  rw.replace(root, rw.op(OpKind::kAbs, {x}));
  return true;
}

/// Pattern: add(a, neg(b)), add(neg(b), a) -> sub(a, b)
bool add_of_neg(Op& root, Rewriter& rw) {
  Value a, b;
  if (!m::commutative_add(m::any(a), m::neg(m::any(b))).match(root) || a.type() != root.type()) return false;
  rw.replace(root, rw.sub(a, b));
  return true;
}

/// Pattern: sub(a, neg(b)) -> add(a, b)
bool sub_of_neg(Op& root, Rewriter& rw) {
  Value a, b;
  if (!m::sub(m::any(a), m::neg(m::any(b))).match(root)) return false;
  rw.replace(root, rw.add(a, b));
  return true;
}

/// Pattern: mul(neg(a), neg(b)) -> mul(a, b); div likewise, for floats (MIN / -1 wraps)
bool product_of_negs(Op& root, Rewriter& rw) {
  Value a, b;
  if (m::mul(m::neg(m::any(a)), m::neg(m::any(b))).match(root)) {
    rw.replace(root, rw.mul(a, b));
    return true;
  }
  if (!is_float(root.type().dtype) || !m::div(m::neg(m::any(a)), m::neg(m::any(b))).match(root)) return false;
  rw.replace(root, rw.div(a, b));
  return true;
}

/// Pattern: pow(x, 0) -> 1; pow(x, 1) -> x; pow(x, 2) -> mul(x, x); pow(x, -1) -> div(1, x)
/// Each is the power rounded once. pow(x, 3) would round twice, pow(x, 0.5) differs from sqrt at
/// -0 and -inf.
bool pow_of_small_exponent(Op& root, Rewriter& rw) {
  Value x;
  double exponent = 0;
  if (!is_float(root.type().dtype) || !m::pow(m::any(x), m::splat_of(exponent)).match(root)) return false;
  if (exponent == 0) {
    rw.replace(root, rw.full(root.type(), 1));
    return true;
  }
  if (exponent == 1) return replace_by(root, x, rw);
  if (x.type() != root.type()) return false;
  if (exponent == 2) {
    rw.replace(root, rw.mul(x, x));
    return true;
  }
  if (exponent != -1) return false;
  rw.replace(root, rw.div(rw.full(x.type(), 1), x));
  return true;
}

/// The least (of max) or greatest (of min) number: it never wins.
double weakest(DType t, bool max) {
  return dispatch(t, [&]<typename T>() -> double {
    using Limits = std::numeric_limits<T>;
    if constexpr (std::is_floating_point_v<T>)
      return max ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    else
      return static_cast<double>(max ? Limits::lowest() : Limits::max());
  });
}

/// Pattern: max(x, x), min(x, x) -> x; max(x, least), min(x, greatest) -> x
bool max_or_min_of_less(Op& root, Rewriter& rw) {
  if (root.operand(0) == root.operand(1)) return replace_by(root, root.operand(0), rw);
  const DType t = root.type().dtype;
  // i64 and u64 limits are no doubles.
  if (size_of(t) == 8 && !is_float(t)) return false;
  const double limit = weakest(t, root.is(OpKind::kMax));
  if (is_splat(root.operand(1), limit)) return replace_by(root, root.operand(0), rw);
  return is_splat(root.operand(0), limit) && replace_by(root, root.operand(1), rw);
}

}  // namespace

void add_arithmetic_patterns(PatternSet& set) {
  set.add("add-of-zero", OpKind::kAdd, add_of_zero);
  set.add("add-of-neg", OpKind::kAdd, add_of_neg);
  set.add("sub-of-zero", OpKind::kSub, sub_of_zero);
  set.add("sub-of-itself", OpKind::kSub, sub_of_itself);
  set.add("sub-of-neg", OpKind::kSub, sub_of_neg);
  set.add("mul-of-one", OpKind::kMul, mul_of_one);
  set.add("mul-of-zero", OpKind::kMul, mul_of_zero);
  set.add("mul-of-negs", OpKind::kMul, product_of_negs);
  set.add("div-by-one", OpKind::kDiv, div_by_one);
  set.add("div-by-power-of-two", OpKind::kDiv, div_by_power_of_two);
  set.add("div-of-negs", OpKind::kDiv, product_of_negs);
  set.add("neg-of-neg", OpKind::kNeg, neg_of_neg);
  set.add("abs-of-sign", OpKind::kAbs, abs_of_sign);
  set.add("pow-of-small-exponent", OpKind::kPow, pow_of_small_exponent);
  set.add("max-of-less", OpKind::kMax, max_or_min_of_less);
  set.add("min-of-less", OpKind::kMin, max_or_min_of_less);
}

}  // namespace dlc::passes
