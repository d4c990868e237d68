// Two ways to x mod pi/2. Up to 2^20 by Cody and Waite: pi/2 = p1 + p2 + p3 with 33 bits each in
// p1 and p2, so that n p1 and n p2 are exact. Beyond, in a branch that is taken when some lane needs
// it, by Payne and Hanek (Radian reduction for trigonometric functions, 1983): x = M 2^E, and of the
// product M * (2/pi) only the bits that matter modulo 4 are computed, from a window of 2/pi that
// starts at bit E - 2, in 32-bit digits. The branch goes lane by lane through scratch: such operands
// are rare, and scalar code compiles several times faster.
#include "backend/loops/math/trig_reduce.h"

#include <algorithm>
#include <array>
#include <vector>

namespace dlc::backend::loops::math {
namespace {

constexpr double kLimit = 1048576.0;  // 2^20

/// 2/pi after the binary point in 32-bit digits, behind 64 zeros for the smallest E.
constexpr std::array<uint32_t, 42> kTwoOverPi = {
    0x00000000, 0x00000000, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab,
    0xdebbc561, 0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484,
    0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f, 0xef2f118b,
    0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea,
    0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab, 0xf0cfbc20, 0x9af4361d};

Reduced reduce_medium(Expr x) {
  const Rounded n = round_product(x, 0.63661977236758138);  // 2 / pi
  const Expr w = fma(n.n, -1.57079632673412561417e+00, x);
  const Expr t = n.n * 6.07710050630396597660e-11;
  const Expr r = w - t;
  const Expr lost = (w - r) - t;
  const Expr low = fma(n.n, -2.02226624879595063154e-21, lost);
  const TwoFloats sum = fast_two_sum(r, low);
  return {sum.hi, sum.lo, n.sum.bits()};
}

/// Scratch of that name, shared by all calls in the kernel.
BufferId shared_scratch(LoopBuilder& b, const std::string& name, DType elem, int64_t size) {
  const auto& buffers = b.kernel().buffers;
  const auto found = std::find_if(buffers.begin(), buffers.end(), [&](const Buffer& f) { return f.name == name; });
  if (found != buffers.end()) return {static_cast<int32_t>(found - buffers.begin())};
  return b.scratch(name, elem, size);
}

/// The table in scratch, filled where the builder stands.
BufferId fill_table(LoopBuilder& b) {
  const BufferId table = shared_scratch(b, "two_over_pi", kUInt32, int64_t{kTwoOverPi.size()});
  for (size_t i = 0; i < kTwoOverPi.size(); ++i)
    b.store(table, b.constant_bits({kUInt32, 1}, kTwoOverPi[i]), b.i64(static_cast<int64_t>(i)));
  return table;
}

Expr logical(Expr x) { return x.with(x.builder().bitcast(x.value(), kUInt64)); }
Expr signed_int(Expr x) { return x.with(x.builder().bitcast(x.value(), kInt64)); }

/// A scalar x.
Reduced reduce_large(Expr x, BufferId table) {
  LoopBuilder& b = x.builder();
  const Expr bits = abs(x).bits();
  const Expr exponent = (bits >> 52) - bits.like_int(1075);  // E
  const Expr start = max(exponent + exponent.like_int(62), exponent.like_int(0));
  const Expr first_digit = start >> 5;
  const Expr shift = logical(start & start.like_int(31));

  constexpr size_t kDigits = 6;
  const Expr low_half = shift.like_int(0xffffffff);
  std::vector<Expr> digits;
  std::vector<Expr> w;
  for (size_t i = 0; i <= kDigits; ++i) {
    const Expr index = first_digit + first_digit.like_int(static_cast<int64_t>(i));
    digits.push_back(x.with(b.load(table, index.value())).to(kUInt64));
  }
  const auto shift_right = [&](Expr v, Expr amount) { return v.with(b.shr(v.value(), amount.value())); };
  for (size_t i = 0; i < kDigits; ++i)
    w.push_back(shift_right((digits[i] << 32) | digits[i + 1], shift.like_int(32) - shift) & low_half);

  // Digits of frac(M * 0.w), most significant first.
  const Expr mantissa = logical((bits & bits.like_int(0xfffffffffffff)) | bits.like_int(int64_t{1} << 52));
  const Expr m0 = mantissa & low_half, m1 = mantissa >> 32;
  std::vector<Expr> fraction(4, shift);
  Expr carry = shift.like_int(0);
  for (size_t c = 4; c >= 1; --c) {
    const Expr column =
        ((m0 * w[c - 1]) & low_half) + ((m0 * w[c]) >> 32) + ((m1 * w[c]) & low_half) + ((m1 * w[c + 1]) >> 32) + carry;
    fraction[c - 1] = column & low_half;
    carry = column >> 32;
  }

  // x * 2/pi = 4 * 0.fraction mod 4: two bits of quadrant, then 64 signed bits and 62 more.
  const Expr top = signed_int(((fraction[0] << 34) | (fraction[1] << 2)) | (fraction[2] >> 30));
  const Expr quadrant = signed_int(fraction[0] >> 30) + signed_int(logical(top) >> 63);
  const Expr rest = (fraction[2] << 34) | (fraction[3] << 2);
  const Expr high = (top >> 32).to(kFloat64) * 0x1p-32;
  const Expr middle = signed_int(logical(top) & low_half).to(kFloat64) * 0x1p-64;
  const Expr low = rest.to(kFloat64) * 0x1p-128;
  const TwoFloats a = fast_two_sum(high, middle);
  const TwoFloats turns = fast_two_sum(a.hi, a.lo + low);

  const double half_pi = 1.5707963267948966, half_pi_low = 6.123233995736766e-17;
  const TwoFloats product = two_product(turns.hi, x.like(half_pi));
  const Expr product_low = fma(turns.hi, half_pi_low, fma(turns.lo, half_pi, product.lo));
  const TwoFloats r = fast_two_sum(product.hi, product_low);
  const Expr negative = x < 0.0;
  const Expr is_finite = abs(x) < x.infinity();
  return {select(is_finite, select(negative, -r.hi, r.hi), x.nan()), select(negative, -r.lo, r.lo),
          select(negative, quadrant.like_int(0) - quadrant, quadrant)};
}

}  // namespace

Reduced reduce_trig(Expr x) {
  LoopBuilder& b = x.builder();
  const Reduced medium = reduce_medium(x);
  // Not less: NaN takes the slow way, which knows it.
  const Expr is_large = x.with(b.bit_not((abs(x) < kLimit).value()));
  const int lanes = x.type().lanes;
  const Value zero = b.i64(0);
  const auto redo_large_lanes = [&]() -> LoopBuilder::Values {
    const BufferId table = fill_table(b);
    const auto lane_scratch = [&](const char* name, DType elem) {
      return shared_scratch(b, fmt::format("trig_{}{}", name, lanes), elem, lanes);
    };
    const BufferId in = lane_scratch("x", kFloat64), r = lane_scratch("r", kFloat64);
    const BufferId r_low = lane_scratch("low", kFloat64), quadrant = lane_scratch("quadrant", kInt64);
    b.store(in, x.value(), zero);
    b.store(r, medium.r.value(), zero);
    b.store(r_low, medium.r_low.value(), zero);
    b.store(quadrant, medium.quadrant.value(), zero);
    b.for_loop(zero, b.i64(lanes), 1, [&](Value lane) {
      const Expr one = x.with(b.load(in, lane));
      b.if_then(b.bit_not((abs(one) < kLimit).value()), [&] {
        const Reduced large = reduce_large(one, table);
        b.store(r, large.r.value(), lane);
        b.store(r_low, large.r_low.value(), lane);
        b.store(quadrant, large.quadrant.value(), lane);
      });
    });
    const Value new_r = b.load(r, zero, lanes), new_low = b.load(r_low, zero, lanes);
    return {new_r, new_low, b.load(quadrant, zero, lanes)};
  };
  const auto results = b.if_else(
      b.reduce(OpCode::kReduceOr, is_large.value()), redo_large_lanes,
      [&]() -> LoopBuilder::Values { return {medium.r.value(), medium.r_low.value(), medium.quadrant.value()}; });
  return {x.with(results[0]), x.with(results[1]), x.with(results[2])};
}

Expr sin_reduced(const Reduced& p) {
  const Expr z = p.r * p.r;
  const Expr q =
      polynomial(z, {-0.16666666666666666, 0.008333333333333331, -0.00019841269841264567, 2.7557319218954762e-06,
                     -2.505210610025599e-08, 1.6058510875319195e-10, -7.585486485235938e-13});
  return p.r + fma(z * p.r, q, p.r_low);
}

Expr cos_reduced(const Reduced& p) {
  const Expr z = p.r * p.r;
  const Expr q =
      polynomial(z, {0.041666666666666664, -0.0013888888888888887, 2.4801587301584367e-05, -2.75573192211891e-07,
                     2.0876755717584403e-09, -1.1470449354466773e-11, 4.745198807202876e-14});
  // 1 - z/2 rounded, and what the rounding lost.
  const Expr half = z * 0.5;
  const Expr w = 1.0 - half;
  return w + (((1.0 - w) - half) + fma(z * z, q, -(p.r * p.r_low)));
}

Value sin_or_cos(LoopBuilder& b, Value operand, MathOptions options, int shift) {
  const Expr x(b, options, operand);
  const Reduced p = reduce_trig(x.to(kFloat64));
  const Expr turned = p.quadrant + p.quadrant.like_int(shift);
  if (!x.is_f32()) {
    const Expr odd = (turned & turned.like_int(1)) != turned.like_int(0);
    const Expr y = select(odd, cos_reduced(p), sin_reduced(p));
    const Expr minus = (turned & turned.like_int(2)) != turned.like_int(0);
    return select(minus, -y, y).value();
  }
  // The reduced operand is exact enough in f32, and so are short polynomials.
  const Expr r = p.r.to(kFloat32);
  const Expr quadrant = turned.to(kInt32);
  const Expr z = r * r;
  const Expr sine = fma(
      z * r, polynomial(z, {-0.1666666716337204, 0.008333331905305386, -0.00019840039021801203, 2.724378191487631e-06}),
      r);
  const Expr cosine = fma(
      z * z, polynomial(z, {0.0416666679084301, -0.00138888880610466, 2.48005599132739e-05, -2.7295831728224584e-07}),
      fma(z, -0.5, r.like(1)));
  const Expr odd = (quadrant & quadrant.like_int(1)) != quadrant.like_int(0);
  const Expr y = select(odd, cosine, sine);
  const Expr minus = (quadrant & quadrant.like_int(2)) != quadrant.like_int(0);
  return select(minus, -y, y).value();
}

}  // namespace dlc::backend::loops::math
