// Matchers that read like the expression they match.
//
//   Value x, y;
//   Op* sum = nullptr;
//   // log(sum(exp(x)))
//   if (!m::log(m::reduce_sum(m::exp(m::any(x))).bind(sum)).match(root)) return false;
//   // x * 2 or 2 * x, the constant possibly broadcast
//   if (m::commutative_mul(m::any(x), m::splat(2.0)).match(root)) ...
//
// A matcher that fails may have set some captures; read them only after a success. Operands are
// matched from left to right, so m::same(x) may refer to an x captured before it.
#pragma once

#include <optional>
#include <string_view>
#include <tuple>

#include "ir/op.h"

namespace dlc::passes {

/// The number that every element of `v` is, seen through broadcast, reshape, transpose, slice and
/// convert; nullopt if there is none, `v` has no elements, or a double cannot hold it.
std::optional<double> splat_value(ir::Value v);
/// splat_value is `number`, by its bits: -0.0 is not 0.0, and NaN matches nothing.
bool is_splat(ir::Value v, double number);
/// `op` is a reduce of that kind ("sum", "max", ...).
bool is_reduce(const ir::Op& op, std::string_view kind);
/// The op has one result, which one operand reads.
bool has_single_use(ir::Value v);

namespace m {

/// Anything; `Any(v)` remembers it.
struct Any {
  ir::Value* capture = nullptr;
  bool match(ir::Value v) const {
    if (capture != nullptr) *capture = v;
    return true;
  }
};
inline Any any() { return {}; }
inline Any any(ir::Value& capture) { return {&capture}; }

/// The value that was captured before.
struct Same {
  const ir::Value* earlier;
  bool match(ir::Value v) const { return v == *earlier; }
};
inline Same same(const ir::Value& earlier) { return {&earlier}; }

/// A constant, one number in every element.
struct Splat {
  std::optional<double> number;
  double* capture = nullptr;
  bool match(ir::Value v) const {
    if (number) return is_splat(v, *number);
    const std::optional<double> found = splat_value(v);
    if (found && capture != nullptr) *capture = *found;
    return found.has_value();
  }
};
inline Splat splat(double number) { return {number, nullptr}; }
inline Splat splat_of(double& capture) { return {std::nullopt, &capture}; }

/// An op of kind K whose operands match; without operand matchers, any operands.
template <ir::OpKind K, bool kCommutative, typename... Operands>
struct OpMatcher {
  std::tuple<Operands...> operands;
  ir::Op** op_capture = nullptr;
  ir::Value* value_capture = nullptr;
  std::string_view reduce_kind;  // K == kReduce: which one; empty: any

  /// Remembers the op.
  OpMatcher bind(ir::Op*& op) const {
    OpMatcher copy = *this;
    copy.op_capture = &op;
    return copy;
  }
  /// Remembers its result.
  OpMatcher bind(ir::Value& v) const {
    OpMatcher copy = *this;
    copy.value_capture = &v;
    return copy;
  }

  bool match(ir::Op& op) const { return op.num_results() > 0 && match(ir::Value{&op, 0}); }
  bool match(ir::Value v) const {
    if (!v.is(K) || (!reduce_kind.empty() && !is_reduce(*v.op, reduce_kind))) return false;
    if (!match_operands(*v.op)) return false;
    if (op_capture != nullptr) *op_capture = v.op;
    if (value_capture != nullptr) *value_capture = v;
    return true;
  }

 private:
  bool match_operands(const ir::Op& op) const {
    constexpr size_t kCount = sizeof...(Operands);
    if constexpr (kCount == 0) {
      return true;
    } else {
      if (op.num_operands() != static_cast<int>(kCount)) return false;
      if (match_in_order(op, std::make_index_sequence<kCount>())) return true;
      if constexpr (kCommutative)
        return std::get<0>(operands).match(op.operand(1)) && std::get<1>(operands).match(op.operand(0));
      return false;
    }
  }
  template <size_t... I>
  bool match_in_order(const ir::Op& op, std::index_sequence<I...>) const {
    return (std::get<I>(operands).match(op.operand(static_cast<int>(I))) && ...);
  }
};

/// Any kind: m::op<OpKind::kTranspose>(m::any(x)).
template <ir::OpKind K, typename... Operands>
auto op(Operands... operands) {
  return OpMatcher<K, false, Operands...>{{operands...}};
}
/// Two operands in either order.
template <ir::OpKind K, typename A, typename B>
auto commutative(A a, B b) {
  return OpMatcher<K, true, A, B>{{a, b}};
}

// clang-format off
template <typename A> auto neg(A a) { return op<ir::OpKind::kNeg>(a); }
template <typename A> auto abs(A a) { return op<ir::OpKind::kAbs>(a); }
template <typename A> auto exp(A a) { return op<ir::OpKind::kExp>(a); }
template <typename A> auto log(A a) { return op<ir::OpKind::kLog>(a); }
template <typename A> auto sqrt(A a) { return op<ir::OpKind::kSqrt>(a); }
template <typename A> auto rsqrt(A a) { return op<ir::OpKind::kRsqrt>(a); }
template <typename A> auto logical_not(A a) { return op<ir::OpKind::kNot>(a); }
template <typename A> auto convert(A a) { return op<ir::OpKind::kConvert>(a); }
template <typename A> auto reshape(A a) { return op<ir::OpKind::kReshape>(a); }
template <typename A> auto transpose(A a) { return op<ir::OpKind::kTranspose>(a); }
template <typename A> auto broadcast(A a) { return op<ir::OpKind::kBroadcast>(a); }
template <typename A> auto softmax(A a) { return op<ir::OpKind::kSoftmax>(a); }
template <typename A> auto log_softmax(A a) { return op<ir::OpKind::kLogSoftmax>(a); }
template <typename A, typename B> auto add(A a, B b) { return op<ir::OpKind::kAdd>(a, b); }
template <typename A, typename B> auto sub(A a, B b) { return op<ir::OpKind::kSub>(a, b); }
template <typename A, typename B> auto mul(A a, B b) { return op<ir::OpKind::kMul>(a, b); }
template <typename A, typename B> auto div(A a, B b) { return op<ir::OpKind::kDiv>(a, b); }
template <typename A, typename B> auto pow(A a, B b) { return op<ir::OpKind::kPow>(a, b); }
template <typename A, typename B> auto max(A a, B b) { return op<ir::OpKind::kMax>(a, b); }
template <typename A, typename B> auto min(A a, B b) { return op<ir::OpKind::kMin>(a, b); }
template <typename A, typename B> auto compare(A a, B b) { return op<ir::OpKind::kCompare>(a, b); }
template <typename A, typename B> auto gather(A a, B b) { return op<ir::OpKind::kGather>(a, b); }
template <typename A, typename B, typename C> auto select(A a, B b, C c) { return op<ir::OpKind::kSelect>(a, b, c); }
template <typename A, typename B> auto commutative_add(A a, B b) { return commutative<ir::OpKind::kAdd>(a, b); }
template <typename A, typename B> auto commutative_mul(A a, B b) { return commutative<ir::OpKind::kMul>(a, b); }
template <typename A, typename B> auto commutative_max(A a, B b) { return commutative<ir::OpKind::kMax>(a, b); }
template <typename A, typename B> auto commutative_min(A a, B b) { return commutative<ir::OpKind::kMin>(a, b); }
// clang-format on

/// kind: "sum", "max", ...
template <typename A>
auto reduce(std::string_view kind, A a) {
  auto matcher = op<ir::OpKind::kReduce>(a);
  matcher.reduce_kind = kind;
  return matcher;
}
template <typename A>
auto reduce_sum(A a) {
  return reduce("sum", a);
}
template <typename A>
auto reduce_max(A a) {
  return reduce("max", a);
}

}  // namespace m
}  // namespace dlc::passes
