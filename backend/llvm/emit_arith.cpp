#include "backend/llvm/emit_arith.h"

#include <llvm/IR/Constants.h>
#include <llvm/IR/DerivedTypes.h>
#include <llvm/IR/Intrinsics.h>

#include <numeric>
#include <vector>

namespace dlc::backend::native {

using llvm::Intrinsic::ID;
using loops::OpCode;
using loops::Type;

namespace {

llvm::Type* with_lanes(llvm::Type* elem, int lanes) {
  return lanes == 1 ? elem : llvm::FixedVectorType::get(elem, static_cast<unsigned>(lanes));
}

bool is_arithmetic(DType t) { return is_float(t) || is_int(t); }

/// floor, ceil, round-to-even and trunc without SSE4.1, where LLVM would call the C library. From
/// 2^mantissa on every float is an integer already; below, the conversion to an integer and back
/// truncates exactly. The sign is put back because -0.5 rounds to -0.
llvm::Value* emit_rounding_sse2(Builder& b, OpCode op, Type type, llvm::Value* x) {
  llvm::Type* const t = x->getType();
  const bool single = type.elem == kFloat32;
  llvm::Value* const limit = llvm::ConstantFP::get(t, single ? 0x1p23 : 0x1p52);
  llvm::Value* const magnitude = b.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x);
  llvm::Value* rounded = nullptr;
  if (op == OpCode::kRoundEven) {
    rounded = b.CreateFSub(b.CreateFAdd(magnitude, limit), limit);
  } else {
    llvm::Type* const integer = with_lanes(single ? b.getInt32Ty() : b.getInt64Ty(), type.lanes);
    // Out of range the conversion is not defined; that lane's result is not used.
    llvm::Value* const small = b.CreateSelect(b.CreateFCmpOLT(magnitude, limit), x, llvm::Constant::getNullValue(t));
    rounded = b.CreateSIToFP(b.CreateFPToSI(small, integer), t);
  }
  rounded = b.CreateBinaryIntrinsic(llvm::Intrinsic::copysign, rounded, x);
  llvm::Value* const one = llvm::ConstantFP::get(t, 1.0);
  if (op == OpCode::kFloor) rounded = b.CreateSelect(b.CreateFCmpOGT(rounded, x), b.CreateFSub(rounded, one), rounded);
  if (op == OpCode::kCeil) rounded = b.CreateSelect(b.CreateFCmpOLT(rounded, x), b.CreateFAdd(rounded, one), rounded);
  return b.CreateSelect(b.CreateFCmpOLT(magnitude, limit), rounded, x);
}

llvm::Value* emit_float_unary(Builder& b, const TargetSpec& target, OpCode op, Type type, llvm::Value* x) {
  const auto rounding = [&](ID id) {
    return target.has_sse41 ? b.CreateUnaryIntrinsic(id, x) : emit_rounding_sse2(b, op, type, x);
  };
  switch (op) {
    case OpCode::kNeg: return b.CreateFNeg(x);
    case OpCode::kAbs: return b.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x);
    case OpCode::kSqrt: return b.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, x);
    case OpCode::kFloor: return rounding(llvm::Intrinsic::floor);
    case OpCode::kCeil: return rounding(llvm::Intrinsic::ceil);
    case OpCode::kRoundEven: return rounding(llvm::Intrinsic::roundeven);
    case OpCode::kTrunc: return rounding(llvm::Intrinsic::trunc);
    default: return nullptr;
  }
}

/// (x > y || isnan(x)) ? x : y, or with <. As one select on the whole condition it is a compare and a
/// blend, which keep a subnormal as it is; split in two, LLVM would take maxps, which flushes it.
llvm::Value* emit_float_extremum(Builder& b, llvm::Value* greater_or_less, llvm::Value* x, llvm::Value* y) {
  return b.CreateSelect(b.CreateOr(greater_or_less, b.CreateFCmpUNO(x, x)), x, y);
}

/// LLVM 19 takes a lane of a quotient whose operands it knows to be 0, as lanes that a load masks off are, to be 0
/// and not NaN, and drops the select that would have made it so. Behind a fence it knows nothing of the lane.
llvm::Value* emit_float_div(Builder& b, llvm::Value* x, llvm::Value* y) {
  llvm::Value* const quotient = b.CreateFDiv(x, y);
  return quotient->getType()->isVectorTy() ? b.CreateArithmeticFence(quotient, quotient->getType()) : quotient;
}

llvm::Value* emit_float_binary(Builder& b, OpCode op, llvm::Value* x, llvm::Value* y) {
  switch (op) {
    case OpCode::kAdd: return b.CreateFAdd(x, y);
    case OpCode::kSub: return b.CreateFSub(x, y);
    case OpCode::kMul: return b.CreateFMul(x, y);
    case OpCode::kDiv: return emit_float_div(b, x, y);
    case OpCode::kMin: return emit_float_extremum(b, b.CreateFCmpOLT(x, y), x, y);
    case OpCode::kMax: return emit_float_extremum(b, b.CreateFCmpOGT(x, y), x, y);
    case OpCode::kCopySign: return b.CreateBinaryIntrinsic(llvm::Intrinsic::copysign, x, y);
    default: return nullptr;  // kRem too: frem is a call of fmod
  }
}

llvm::Value* emit_mul_high(Builder& b, Type type, llvm::Value* x, llvm::Value* y) {
  if (type.elem != kUInt32) return nullptr;
  llvm::Type* const wide = with_lanes(b.getInt64Ty(), type.lanes);
  llvm::Value* const product = b.CreateMul(b.CreateZExt(x, wide), b.CreateZExt(y, wide));
  return b.CreateTrunc(b.CreateLShr(product, 32), x->getType());
}

llvm::Value* emit_int_binary(Builder& b, OpCode op, Type type, llvm::Value* x, llvm::Value* y) {
  const bool is_signed = is_signed_int(type.elem);
  switch (op) {
    case OpCode::kAdd: return b.CreateAdd(x, y);
    case OpCode::kSub: return b.CreateSub(x, y);
    case OpCode::kMul: return b.CreateMul(x, y);
    case OpCode::kDiv: return is_signed ? b.CreateSDiv(x, y) : b.CreateUDiv(x, y);
    case OpCode::kRem: return is_signed ? b.CreateSRem(x, y) : b.CreateURem(x, y);
    case OpCode::kMin: return b.CreateBinaryIntrinsic(is_signed ? llvm::Intrinsic::smin : llvm::Intrinsic::umin, x, y);
    case OpCode::kMax: return b.CreateBinaryIntrinsic(is_signed ? llvm::Intrinsic::smax : llvm::Intrinsic::umax, x, y);
    case OpCode::kAnd: return b.CreateAnd(x, y);
    case OpCode::kOr: return b.CreateOr(x, y);
    case OpCode::kXor: return b.CreateXor(x, y);
    case OpCode::kShl: return b.CreateShl(x, y);
    case OpCode::kShr: return is_signed ? b.CreateAShr(x, y) : b.CreateLShr(x, y);
    case OpCode::kMulHigh: return emit_mul_high(b, type, x, y);
    default: return nullptr;
  }
}

/// The element-wise operation that a reduction combines with.
OpCode combining_op(OpCode reduce) {
  switch (reduce) {
    case OpCode::kReduceAdd: return OpCode::kAdd;
    case OpCode::kReduceMul: return OpCode::kMul;
    case OpCode::kReduceMin: return OpCode::kMin;
    case OpCode::kReduceMax: return OpCode::kMax;
    case OpCode::kReduceAnd: return OpCode::kAnd;
    default: return OpCode::kOr;
  }
}

}  // namespace

llvm::Type* memory_type(llvm::LLVMContext& context, Type type) {
  const auto bits = static_cast<unsigned>(8 * size_of(type.elem));
  llvm::Type* elem = llvm::Type::getIntNTy(context, bits);
  if (type.elem == kFloat32) elem = llvm::Type::getFloatTy(context);
  if (type.elem == kFloat64) elem = llvm::Type::getDoubleTy(context);
  return with_lanes(elem, type.lanes);
}

llvm::Type* value_type(llvm::LLVMContext& context, Type type) {
  if (type.elem == kBool) return with_lanes(llvm::Type::getInt1Ty(context), type.lanes);
  return memory_type(context, type);
}

llvm::Constant* constant(llvm::LLVMContext& context, Type type, uint64_t bits) {
  llvm::Type* const t = value_type(context, type);
  if (type.elem == kBool) return llvm::ConstantInt::get(t, bits != 0);
  const llvm::APInt raw(static_cast<unsigned>(8 * size_of(type.elem)), bits);
  if (type.elem == kFloat32) return llvm::ConstantFP::get(t, llvm::APFloat(llvm::APFloat::IEEEsingle(), raw));
  if (type.elem == kFloat64) return llvm::ConstantFP::get(t, llvm::APFloat(llvm::APFloat::IEEEdouble(), raw));
  return llvm::ConstantInt::get(t, raw);
}

llvm::Value* emit_unary(Builder& b, const TargetSpec& target, OpCode op, Type type, llvm::Value* x) {
  if (is_float(type.elem)) return emit_float_unary(b, target, op, type, x);
  if (op == OpCode::kNot) return b.CreateNot(x);
  if (type.elem == kBool) return nullptr;
  if (op == OpCode::kNeg) return b.CreateNeg(x);
  if (op == OpCode::kAbs) {
    return is_signed_int(type.elem) ? b.CreateBinaryIntrinsic(llvm::Intrinsic::abs, x, b.getFalse()) : x;
  }
  return nullptr;
}

llvm::Value* emit_binary(Builder& b, OpCode op, Type type, llvm::Value* x, llvm::Value* y) {
  if (is_float(type.elem)) return emit_float_binary(b, op, x, y);
  const bool bitwise = op == OpCode::kAnd || op == OpCode::kOr || op == OpCode::kXor;
  if (!is_int(type.elem) && !bitwise) return nullptr;
  return emit_int_binary(b, op, type, x, y);
}

llvm::Value* emit_compare(Builder& b, OpCode op, Type type, llvm::Value* x, llvm::Value* y) {
  using P = llvm::CmpInst::Predicate;
  const bool is_signed = is_signed_int(type.elem);
  if (!is_arithmetic(type.elem) && op != OpCode::kEq && op != OpCode::kNe) return nullptr;
  const auto compare = [&](P of_floats, P of_signed, P of_unsigned) {
    if (is_float(type.elem)) return b.CreateFCmp(of_floats, x, y);
    return b.CreateICmp(is_signed ? of_signed : of_unsigned, x, y);
  };
  switch (op) {
    case OpCode::kEq: return compare(P::FCMP_OEQ, P::ICMP_EQ, P::ICMP_EQ);
    case OpCode::kNe: return compare(P::FCMP_UNE, P::ICMP_NE, P::ICMP_NE);
    case OpCode::kLt: return compare(P::FCMP_OLT, P::ICMP_SLT, P::ICMP_ULT);
    case OpCode::kLe: return compare(P::FCMP_OLE, P::ICMP_SLE, P::ICMP_ULE);
    case OpCode::kGt: return compare(P::FCMP_OGT, P::ICMP_SGT, P::ICMP_UGT);
    case OpCode::kGe: return compare(P::FCMP_OGE, P::ICMP_SGE, P::ICMP_UGE);
    default: return nullptr;
  }
}

llvm::Value* emit_fma(Builder& b, const TargetSpec& target, Type type, llvm::Value* x, llvm::Value* y, llvm::Value* z) {
  if (!is_float(type.elem) || !target.info.has_fma) return nullptr;
  return b.CreateIntrinsic(llvm::Intrinsic::fma, {x->getType()}, {x, y, z});
}

llvm::Value* emit_convert(Builder& b, Type from, Type to, llvm::Value* x) {
  llvm::Type* const t = value_type(b.getContext(), to);
  if (from.elem == to.elem) return x;
  const bool from_signed = is_signed_int(from.elem), to_signed = is_signed_int(to.elem);
  if (to.elem == kBool) {
    llvm::Constant* const zero = llvm::Constant::getNullValue(x->getType());
    return is_float(from.elem) ? b.CreateFCmpUNE(x, zero) : b.CreateICmpNE(x, zero);
  }
  if (is_float(to.elem)) {
    if (is_float(from.elem)) return b.CreateFPCast(x, t);
    return from_signed ? b.CreateSIToFP(x, t) : b.CreateUIToFP(x, t);
  }
  if (is_float(from.elem)) {
    return b.CreateIntrinsic(to_signed ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat, {t, x->getType()},
                             {x});
  }
  return b.CreateIntCast(x, t, from_signed);
}

llvm::Value* emit_reduce(Builder& b, OpCode op, Type type, llvm::Value* x) {
  // Of a mask: as the number that it is, which is one instruction; a tree of shuffles is what LLVM makes else.
  if (type.elem == kBool && type.lanes > 1 && (op == OpCode::kReduceOr || op == OpCode::kReduceAnd)) {
    llvm::Value* const bits = b.CreateBitCast(x, b.getIntNTy(static_cast<unsigned>(type.lanes)));
    return op == OpCode::kReduceOr ? b.CreateIsNotNull(bits)
                                   : b.CreateICmpEQ(bits, llvm::Constant::getAllOnesValue(bits->getType()));
  }
  const OpCode combine = combining_op(op);
  for (int lanes = type.lanes; lanes > 1; lanes /= 2) {
    if (lanes % 2 != 0) return nullptr;
    std::vector<int> low(static_cast<size_t>(lanes / 2)), high(low.size());
    std::iota(low.begin(), low.end(), 0);
    std::iota(high.begin(), high.end(), lanes / 2);
    if (lanes == 2) {
      x = emit_binary(b, combine, {type.elem, 1}, b.CreateExtractElement(x, uint64_t{0}),
                      b.CreateExtractElement(x, uint64_t{1}));
    } else {
      x = emit_binary(b, combine, {type.elem, lanes / 2}, b.CreateShuffleVector(x, low),
                      b.CreateShuffleVector(x, high));
    }
    if (!x) return nullptr;
  }
  return x;
}

}  // namespace dlc::backend::native
