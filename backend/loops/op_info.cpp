#include "backend/loops/op_info.h"

#include <array>

#include "support/check.h"

namespace dlc::backend::loops {
namespace {

OpInfo make_info(OpCode op) {
  switch (op) {
    case OpCode::kConstant: return {"constant", OpGroup::kLeaf};
    case OpCode::kScalar: return {"scalar", OpGroup::kLeaf};
    case OpCode::kIota: return {"iota", OpGroup::kLeaf};
    case OpCode::kNeg: return {"neg", OpGroup::kUnary};
    case OpCode::kAbs: return {"abs", OpGroup::kUnary};
    case OpCode::kSqrt: return {"sqrt", OpGroup::kUnary};
    case OpCode::kFloor: return {"floor", OpGroup::kUnary};
    case OpCode::kCeil: return {"ceil", OpGroup::kUnary};
    case OpCode::kRoundEven: return {"round_even", OpGroup::kUnary};
    case OpCode::kTrunc: return {"trunc", OpGroup::kUnary};
    case OpCode::kNot: return {"not", OpGroup::kUnary};
    case OpCode::kAdd: return {"add", OpGroup::kBinary};
    case OpCode::kSub: return {"sub", OpGroup::kBinary};
    case OpCode::kMul: return {"mul", OpGroup::kBinary};
    case OpCode::kDiv: return {"div", OpGroup::kBinary};
    case OpCode::kRem: return {"rem", OpGroup::kBinary};
    case OpCode::kMin: return {"min", OpGroup::kBinary};
    case OpCode::kMax: return {"max", OpGroup::kBinary};
    case OpCode::kAnd: return {"and", OpGroup::kBinary};
    case OpCode::kOr: return {"or", OpGroup::kBinary};
    case OpCode::kXor: return {"xor", OpGroup::kBinary};
    case OpCode::kShl: return {"shl", OpGroup::kBinary};
    case OpCode::kShr: return {"shr", OpGroup::kBinary};
    case OpCode::kMulHigh: return {"mul_high", OpGroup::kBinary};
    case OpCode::kCopySign: return {"copysign", OpGroup::kBinary};
    case OpCode::kEq: return {"eq", OpGroup::kCompare};
    case OpCode::kNe: return {"ne", OpGroup::kCompare};
    case OpCode::kLt: return {"lt", OpGroup::kCompare};
    case OpCode::kLe: return {"le", OpGroup::kCompare};
    case OpCode::kGt: return {"gt", OpGroup::kCompare};
    case OpCode::kGe: return {"ge", OpGroup::kCompare};
    case OpCode::kFma: return {"fma", OpGroup::kTernary};
    case OpCode::kSelect: return {"select", OpGroup::kTernary};
    case OpCode::kConvert: return {"convert", OpGroup::kCast};
    case OpCode::kBitcast: return {"bitcast", OpGroup::kCast};
    case OpCode::kBroadcast: return {"broadcast", OpGroup::kLaneMove};
    case OpCode::kExtract: return {"extract", OpGroup::kLaneMove};
    case OpCode::kShuffle: return {"shuffle", OpGroup::kLaneMove};
    case OpCode::kReduceAdd: return {"reduce_add", OpGroup::kReduce};
    case OpCode::kReduceMul: return {"reduce_mul", OpGroup::kReduce};
    case OpCode::kReduceMin: return {"reduce_min", OpGroup::kReduce};
    case OpCode::kReduceMax: return {"reduce_max", OpGroup::kReduce};
    case OpCode::kReduceAnd: return {"reduce_and", OpGroup::kReduce};
    case OpCode::kReduceOr: return {"reduce_or", OpGroup::kReduce};
    case OpCode::kLoad: return {"load", OpGroup::kMemory};
    case OpCode::kStore: return {"store", OpGroup::kMemory};
    case OpCode::kGather: return {"gather", OpGroup::kMemory};
    case OpCode::kScatter: return {"scatter", OpGroup::kMemory};
    case OpCode::kPrefetch: return {"prefetch", OpGroup::kMemory};
    case OpCode::kFor: return {"for", OpGroup::kControl};
    case OpCode::kWhile: return {"while", OpGroup::kControl};
    case OpCode::kIf: return {"if", OpGroup::kControl};
    case OpCode::kParallel: return {"parallel", OpGroup::kControl};
    case OpCode::kYield: return {"yield", OpGroup::kControl};
    case OpCode::kFault: return {"fault", OpGroup::kControl};
  }
  return {nullptr, OpGroup::kControl};
}

constexpr size_t kNumOps = static_cast<size_t>(OpCode::kFault) + 1;

}  // namespace

const OpInfo& op_info(OpCode op) {
  static const std::array<OpInfo, kNumOps> table = [] {
    std::array<OpInfo, kNumOps> t{};
    for (size_t i = 0; i < kNumOps; ++i) t[i] = make_info(static_cast<OpCode>(i));
    return t;
  }();
  DLC_CHECK(static_cast<size_t>(op) < kNumOps, "opcode {} is not in the loop language", static_cast<int>(op));
  return table[static_cast<size_t>(op)];
}

}  // namespace dlc::backend::loops
