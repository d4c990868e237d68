#include "backend/loops/element.h"

#include <cmath>
#include <type_traits>
#include <vector>

#include "backend/loops/op_info.h"
#include "support/array.h"
#include "support/convert.h"

namespace dlc::backend::loops {
namespace {

template <typename T, typename F>
void map(Lanes a, std::span<uint64_t> out, F f) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = to_bits(f(from_bits<T>(a[i])));
}
template <typename T, typename F>
void map(Lanes a, Lanes b, std::span<uint64_t> out, F f) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = to_bits(f(from_bits<T>(a[i]), from_bits<T>(b[i])));
}

template <typename T>
constexpr bool is_integer_v = std::is_integral_v<T> && !std::is_same_v<T, bool>;

[[noreturn]] void no_meaning(OpCode op, DType t) { DLC_UNREACHABLE("{} has no meaning on {}", to_string(op), t); }

template <typename T>
T wrap(uint64_t x) {
  return static_cast<T>(x);
}

template <typename T>
void unary(OpCode op, DType t, Lanes a, std::span<uint64_t> out) {
  if constexpr (std::is_floating_point_v<T>) {
    // Sign operations are on bits: they neither flush nor quiet.
    constexpr uint64_t sign = sizeof(T) == 4 ? uint64_t{1} << 31 : uint64_t{1} << 63;
    switch (op) {
      case OpCode::kNeg:
        for (size_t i = 0; i < out.size(); ++i) out[i] = a[i] ^ sign;
        return;
      case OpCode::kAbs:
        for (size_t i = 0; i < out.size(); ++i) out[i] = a[i] & ~sign;
        return;
      case OpCode::kSqrt: return map<T>(a, out, [](T x) { return std::sqrt(x); });
      case OpCode::kFloor: return map<T>(a, out, [](T x) { return std::floor(x); });
      case OpCode::kCeil: return map<T>(a, out, [](T x) { return std::ceil(x); });
      case OpCode::kRoundEven: return map<T>(a, out, [](T x) { return std::nearbyint(x); });
      case OpCode::kTrunc: return map<T>(a, out, [](T x) { return std::trunc(x); });
      default: no_meaning(op, t);
    }
  } else if constexpr (is_integer_v<T>) {
    switch (op) {
      case OpCode::kNeg: return map<T>(a, out, [](T x) { return wrap<T>(uint64_t{0} - static_cast<uint64_t>(x)); });
      case OpCode::kAbs:
        return map<T>(a, out, [](T x) { return x < T{0} ? wrap<T>(uint64_t{0} - static_cast<uint64_t>(x)) : x; });
      case OpCode::kNot: return map<T>(a, out, [](T x) { return static_cast<T>(~x); });
      default: no_meaning(op, t);
    }
  } else {
    if (op != OpCode::kNot) no_meaning(op, t);
    map<T>(a, out, [](bool x) { return !x; });
  }
}

/// Where `first` holds the element of `a`, else that of `b`, bits unchanged: a choice between floats
/// may become a minss or maxss, which flushes subnormals.
template <typename T, typename F>
void choose(Lanes a, Lanes b, std::span<uint64_t> out, F first) {
  for (size_t i = 0; i < out.size(); ++i) {
    const uint64_t mask = uint64_t{0} - static_cast<uint64_t>(first(from_bits<T>(a[i]), from_bits<T>(b[i])));
    out[i] = (a[i] & mask) | (b[i] & ~mask);
  }
}

template <typename T>
bool binary_of_any_number(OpCode op, Lanes a, Lanes b, std::span<uint64_t> out) {
  switch (op) {
    case OpCode::kEq: return map<T>(a, b, out, [](T x, T y) { return x == y; }), true;
    case OpCode::kNe: return map<T>(a, b, out, [](T x, T y) { return x != y; }), true;
    case OpCode::kLt: return map<T>(a, b, out, [](T x, T y) { return x < y; }), true;
    case OpCode::kLe: return map<T>(a, b, out, [](T x, T y) { return x <= y; }), true;
    case OpCode::kGt: return map<T>(a, b, out, [](T x, T y) { return x > y; }), true;
    case OpCode::kGe: return map<T>(a, b, out, [](T x, T y) { return x >= y; }), true;
    case OpCode::kMin: return choose<T>(a, b, out, [](T x, T y) { return x < y || x != x; }), true;
    case OpCode::kMax: return choose<T>(a, b, out, [](T x, T y) { return x > y || x != x; }), true;
    default: return false;
  }
}

template <typename T>
void float_binary(OpCode op, DType t, Lanes a, Lanes b, std::span<uint64_t> out) {
  constexpr uint64_t sign = sizeof(T) == 4 ? uint64_t{1} << 31 : uint64_t{1} << 63;
  switch (op) {
    case OpCode::kAdd: return map<T>(a, b, out, [](T x, T y) { return x + y; });
    case OpCode::kSub: return map<T>(a, b, out, [](T x, T y) { return x - y; });
    case OpCode::kMul: return map<T>(a, b, out, [](T x, T y) { return x * y; });
    case OpCode::kDiv: return map<T>(a, b, out, [](T x, T y) { return x / y; });
    case OpCode::kCopySign:
      for (size_t i = 0; i < out.size(); ++i) out[i] = (a[i] & ~sign) | (b[i] & sign);
      return;
    default: no_meaning(op, t);
  }
}

template <typename T>
void integer_binary(OpCode op, DType t, Lanes a, Lanes b, std::span<uint64_t> out) {
  // Sign-extended to 64 bits, unsigned arithmetic wraps as the narrow type does.
  const auto wide = [](T x) { return static_cast<uint64_t>(x); };
  switch (op) {
    case OpCode::kAdd: return map<T>(a, b, out, [&](T x, T y) { return wrap<T>(wide(x) + wide(y)); });
    case OpCode::kSub: return map<T>(a, b, out, [&](T x, T y) { return wrap<T>(wide(x) - wide(y)); });
    case OpCode::kMul: return map<T>(a, b, out, [&](T x, T y) { return wrap<T>(wide(x) * wide(y)); });
    case OpCode::kDiv: return map<T>(a, b, out, [](T x, T y) { return static_cast<T>(x / y); });
    case OpCode::kRem: return map<T>(a, b, out, [](T x, T y) { return static_cast<T>(x % y); });
    case OpCode::kAnd: return map<T>(a, b, out, [](T x, T y) { return static_cast<T>(x & y); });
    case OpCode::kOr: return map<T>(a, b, out, [](T x, T y) { return static_cast<T>(x | y); });
    case OpCode::kXor: return map<T>(a, b, out, [](T x, T y) { return static_cast<T>(x ^ y); });
    case OpCode::kShl: return map<T>(a, b, out, [&](T x, T y) { return wrap<T>(wide(x) << wide(y)); });
    case OpCode::kShr: return map<T>(a, b, out, [](T x, T y) { return static_cast<T>(x >> y); });
    case OpCode::kMulHigh:
      if (t != kUInt32) no_meaning(op, t);
      return map<T>(a, b, out, [&](T x, T y) { return wrap<T>((wide(x) * wide(y)) >> 32); });
    default: no_meaning(op, t);
  }
}

template <typename T>
void binary(OpCode op, DType t, Lanes a, Lanes b, std::span<uint64_t> out) {
  if constexpr (std::is_same_v<T, bool>) {
    switch (op) {
      case OpCode::kAnd: return map<T>(a, b, out, [](bool x, bool y) { return x && y; });
      case OpCode::kOr: return map<T>(a, b, out, [](bool x, bool y) { return x || y; });
      case OpCode::kXor:
      case OpCode::kNe: return map<T>(a, b, out, [](bool x, bool y) { return x != y; });
      case OpCode::kEq: return map<T>(a, b, out, [](bool x, bool y) { return x == y; });
      default: no_meaning(op, t);
    }
  } else {
    if (binary_of_any_number<T>(op, a, b, out)) return;
    if constexpr (std::is_floating_point_v<T>) {
      float_binary<T>(op, t, a, b, out);
    } else {
      integer_binary<T>(op, t, a, b, out);
    }
  }
}

OpCode element_op(OpCode reduce) {
  switch (reduce) {
    case OpCode::kReduceAdd: return OpCode::kAdd;
    case OpCode::kReduceMul: return OpCode::kMul;
    case OpCode::kReduceMin: return OpCode::kMin;
    case OpCode::kReduceMax: return OpCode::kMax;
    case OpCode::kReduceAnd: return OpCode::kAnd;
    case OpCode::kReduceOr: return OpCode::kOr;
    default: DLC_UNREACHABLE("{} is no reduction", to_string(reduce));
  }
}

}  // namespace

uint64_t element_bits(DType t, double value) {
  return dispatch(t, [&]<typename T>() { return to_bits(convert_element<T>(value)); });
}

uint64_t element_bits_int(DType t, int64_t value) {
  return dispatch(t, [&]<typename T>() { return to_bits(convert_element<T>(value)); });
}

void eval_unary(OpCode op, DType t, Lanes a, std::span<uint64_t> out) {
  dispatch(t, [&]<typename T>() { unary<T>(op, t, a, out); });
}

void eval_binary(OpCode op, DType t, Lanes a, Lanes b, std::span<uint64_t> out) {
  dispatch(t, [&]<typename T>() { binary<T>(op, t, a, b, out); });
}

void eval_fma(DType t, Lanes a, Lanes b, Lanes c, std::span<uint64_t> out) {
  dispatch(t, [&]<typename T>() {
    if constexpr (std::is_floating_point_v<T>) {
      for (size_t i = 0; i < out.size(); ++i)
        out[i] = to_bits(std::fma(from_bits<T>(a[i]), from_bits<T>(b[i]), from_bits<T>(c[i])));
    } else {
      no_meaning(OpCode::kFma, t);
    }
  });
}

void eval_convert(DType from, DType to, Lanes a, std::span<uint64_t> out) {
  dispatch(from, [&]<typename From>() {
    if (to == kBool) return map<From>(a, out, [](From x) { return x != From{}; });  // here: see CMakeLists.txt
    dispatch(to, [&]<typename To>() { map<From>(a, out, [](From x) { return convert_element<To, From>(x); }); });
  });
}

uint64_t eval_reduce(OpCode op, DType t, Lanes a) {
  const OpCode combine = element_op(op);
  std::vector<uint64_t> lanes(a.begin(), a.end());
  while (lanes.size() > 1) {
    const size_t half = lanes.size() / 2;
    std::vector<uint64_t> next(half);
    eval_binary(combine, t, Lanes(lanes).first(half), Lanes(lanes).last(half), next);
    lanes = std::move(next);
  }
  return lanes[0];
}

}  // namespace dlc::backend::loops
