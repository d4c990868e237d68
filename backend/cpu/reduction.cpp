#include "backend/cpu/reduction.h"

#include <limits>

#include "support/check.h"

namespace dlc::backend {

using loops::OpCode;

Combiner Combiner::of(const std::string& kind) {
  if (kind == "sum") return {OpCode::kAdd, OpCode::kReduceAdd};
  if (kind == "prod") return {OpCode::kMul, OpCode::kReduceMul};
  if (kind == "max") return {OpCode::kMax, OpCode::kReduceMax};
  if (kind == "min") return {OpCode::kMin, OpCode::kReduceMin};
  if (kind == "any") return {OpCode::kOr, OpCode::kReduceOr};
  DLC_CHECK(kind == "all", "reduce kind '{}'", kind);
  return {OpCode::kAnd, OpCode::kReduceAnd};
}

loops::Value Combiner::identity(loops::LoopBuilder& b, loops::Type type) const {
  const double infinity = std::numeric_limits<double>::infinity();
  switch (op) {
    case OpCode::kAdd: return b.constant_bits(type, 0);
    case OpCode::kOr: return b.constant_bits(type, 0);
    case OpCode::kMul: return is_float(type.elem) ? b.constant(type, 1) : b.constant_int(type, 1);
    case OpCode::kAnd: return b.constant_bits(type, 1);
    default: break;
  }
  const bool lowest = op == OpCode::kMax;
  if (is_float(type.elem)) return b.constant(type, lowest ? -infinity : infinity);
  return dispatch(type.elem, [&]<typename T>() {
    const T v = lowest ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
    return b.constant_bits(type, static_cast<uint64_t>(v));
  });
}

loops::Value BlockTotal::identity(loops::LoopBuilder& b) const { return combiner_.identity(b, {wide(), type_.lanes}); }

loops::Value BlockTotal::add(loops::LoopBuilder& b, loops::Value total, loops::Value block) const {
  return combiner_.combine(b, total, b.convert(block, wide()));
}

}  // namespace dlc::backend
