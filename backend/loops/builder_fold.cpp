// The folds of LoopBuilder. Integers and bools fold freely. Of floats only what keeps every bit
// whatever the operand: x*1, x/1, -(-x), ||x||; x+0 is not among them (it turns -0 into +0).
#include "backend/loops/builder.h"
#include "backend/loops/element.h"
#include "backend/loops/op_info.h"

namespace dlc::backend::loops {

Value LoopBuilder::fold_unary(OpCode op, Value a) {
  const Type t = type(a);
  const Def d = def(a);
  const bool sign_only = op == OpCode::kNeg || op == OpCode::kAbs;
  if (d.op == OpCode::kConstant && (!is_float(t.elem) || sign_only)) {
    uint64_t out = 0;
    eval_unary(op, t.elem, Lanes(&d.bits, 1), {&out, 1});
    return constant_bits(t, out);
  }
  if ((op == OpCode::kNeg || op == OpCode::kNot) && d.op == op) return d.a;
  if (op == OpCode::kAbs && is_float(t.elem) && (d.op == OpCode::kAbs || d.op == OpCode::kNeg))
    return d.op == OpCode::kAbs ? a : abs(d.a);
  return {};
}

Value LoopBuilder::fold_float(OpCode op, Value a, Value b) {
  if (op == OpCode::kMul && known_float(b) == 1.0) return a;
  if (op == OpCode::kMul && known_float(a) == 1.0) return b;
  if (op == OpCode::kDiv && known_float(b) == 1.0) return a;
  return {};
}

Value LoopBuilder::fold_bool(OpCode op, Value a, Value b) {
  if (is_constant(a) && is_constant(b)) {
    const uint64_t x = def(a).bits, y = def(b).bits;
    uint64_t out = 0;
    eval_binary(op, kBool, Lanes(&x, 1), Lanes(&y, 1), {&out, 1});
    return constant_bits(type(a), out);
  }
  if (is_constant(a)) std::swap(a, b);
  const bool is_true = is_constant_bool(b, true), is_false = is_constant_bool(b, false);
  switch (op) {
    case OpCode::kAnd: return is_true || a == b ? a : is_false ? b : Value{};
    case OpCode::kOr: return is_false || a == b ? a : is_true ? b : Value{};
    case OpCode::kXor:
    case OpCode::kNe: return is_false ? a : is_true ? bit_not(a) : Value{};
    case OpCode::kEq: return is_true ? a : is_false ? bit_not(a) : Value{};
    default: return {};
  }
}

LoopBuilder::Affine LoopBuilder::affine(Value v) const {
  if (const auto known = known_int(v)) return {{}, *known};
  const Def& d = def(v);
  if (d.op == OpCode::kAdd)
    if (const auto offset = known_int(d.b)) return {d.a, *offset};
  return {v, 0};
}

Value LoopBuilder::fold_integer(OpCode op, Value a, Value b) {
  const Type t = type(a);
  if (is_constant(a) && is_constant(b)) {
    const uint64_t x = def(a).bits, y = def(b).bits;
    const bool divides = op == OpCode::kDiv || op == OpCode::kRem;
    if (divides && (known_int(b) == 0 || known_int(b) == -1)) return {};
    uint64_t out = 0;
    eval_binary(op, t.elem, Lanes(&x, 1), Lanes(&y, 1), {&out, 1});
    return constant_bits(op_info(op).group == OpGroup::kCompare ? t.with(kBool) : t, out);
  }
  const auto c = known_int(b);
  const auto offset_by = [&](Value base, int64_t offset) {
    return offset == 0 ? base : pure(OpCode::kAdd, t, {base, constant_int(t, offset)});
  };
  // Offsets are followed in i64 only, where the constants cannot have wrapped.
  const bool follows = t.elem == kInt64;
  switch (op) {
    case OpCode::kAdd:
      if (c == 0) return a;
      if (follows) {
        const Affine x = affine(a), y = affine(b);
        const int64_t sum = static_cast<int64_t>(static_cast<uint64_t>(x.offset) + static_cast<uint64_t>(y.offset));
        if (x.base && !y.base && x.offset != 0) return offset_by(x.base, sum);
        if (x.base && y.base && (x.offset != 0 || y.offset != 0)) return offset_by(add(x.base, y.base), sum);
      }
      return {};
    case OpCode::kSub:
      if (c) return add(a, constant_int(t, static_cast<int64_t>(uint64_t{0} - static_cast<uint64_t>(*c))));
      if (a == b) return constant_int(t, 0);
      if (follows) {
        const Affine x = affine(a), y = affine(b);
        const int64_t gap = static_cast<int64_t>(static_cast<uint64_t>(x.offset) - static_cast<uint64_t>(y.offset));
        if (x.base == y.base) return constant_int(t, gap);
        // (p + q) - p, as in the extent of a row that starts at p.
        if (x.base && y.base && def(x.base).op == OpCode::kAdd) {
          const Def sum = def(x.base);
          if (sum.a == y.base) return offset_by(sum.b, gap);
          if (sum.b == y.base) return offset_by(sum.a, gap);
        }
      }
      return {};
    case OpCode::kMul:
      if (c == 1) return a;
      if (c == 0) return b;
      if (c && def(a).op == OpCode::kMul && is_constant(def(a).b)) {
        const Value inner = def(a).a;
        return mul(inner, mul(def(a).b, b));
      }
      return {};
    case OpCode::kDiv: return c == 1 ? a : Value{};
    case OpCode::kRem: return c == 1 ? constant_int(t, 0) : Value{};
    case OpCode::kMin:
    case OpCode::kMax: return a == b ? a : Value{};
    case OpCode::kAnd:
      if (c == 0 || a == b) return b;
      return c == -1 ? a : Value{};
    case OpCode::kOr: return c == 0 || a == b ? a : Value{};
    case OpCode::kXor:
      if (a == b) return constant_int(t, 0);
      return c == 0 ? a : Value{};
    case OpCode::kShl:
    case OpCode::kShr: return c == 0 ? a : Value{};
    case OpCode::kEq:
    case OpCode::kLe:
    case OpCode::kGe: return a == b ? constant_int(t.with(kBool), 1) : Value{};
    case OpCode::kNe:
    case OpCode::kLt:
    case OpCode::kGt: return a == b ? constant_int(t.with(kBool), 0) : Value{};
    default: return {};
  }
}

}  // namespace dlc::backend::loops
