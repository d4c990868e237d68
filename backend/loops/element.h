// The meaning of the element-wise instructions, written once: the builder folds constants with it,
// the interpreter runs on it, and compiled code must give the same bits.
//
// An element travels as its bytes in the low bytes of a uint64_t, the rest zero. Floats are
// computed in their own type, in the floating-point state of the calling thread.
#pragma once

#include <cstring>
#include <span>

#include "backend/loops/loops.h"

namespace dlc::backend::loops {

template <typename T>
T from_bits(uint64_t bits) {
  T value;
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}
template <typename T>
uint64_t to_bits(T value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}

/// The bits of `value` converted to `t`.
uint64_t element_bits(DType t, double value);
uint64_t element_bits_int(DType t, int64_t value);

using Lanes = std::span<const uint64_t>;

/// Group kUnary on elements of type `t`. All spans have one length, as below.
void eval_unary(OpCode op, DType t, Lanes a, std::span<uint64_t> out);
/// Groups kBinary and kCompare (out: bool). Integer division needs b != 0 and not MIN / -1.
void eval_binary(OpCode op, DType t, Lanes a, Lanes b, std::span<uint64_t> out);
/// a*b + c rounded once; t is f32 or f64.
void eval_fma(DType t, Lanes a, Lanes b, Lanes c, std::span<uint64_t> out);
void eval_convert(DType from, DType to, Lanes a, std::span<uint64_t> out);
/// Group kReduce in the documented tree. The number of lanes is a power of two.
uint64_t eval_reduce(OpCode op, DType t, Lanes a);

}  // namespace dlc::backend::loops
