// The loop language: what stands between a fused group of IR operations and LLVM IR. It is data:
// it prints (printer.h), its structure is verified (verifier.h), and a slow interpreter runs it,
// checking bounds and races on every access (interpreter.h). backend/llvm translates it plainly.
//
// A Kernel is structured SSA: a tree of blocks of instructions; every value is defined once and
// has a type, a scalar or a vector of stated lanes. Control flow is `for`, `while`, `if` and, at
// the top level only, `parallel`; values that a loop carries are operands and results of the loop.
//
//   kernel @scale(%x: f32* readonly, %y: f32* inout, %n: i64) {
//     for %0 = 0 to %n step 1 {
//       %1 = load %x[%0] : f32
//       %2 = mul %1, 2.0 : f32
//       store %y[%0], %2 : f32
//     }
//   }
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "support/dtype.h"

namespace dlc::backend::loops {

/// A scalar (lanes == 1) or a vector of `lanes` elements. Addresses and trip counts are i64 scalars.
struct Type {
  DType elem = kInt64;
  int lanes = 1;
  bool is_vector() const { return lanes > 1; }
  Type with(DType e) const { return {e, lanes}; }
  auto operator<=>(const Type&) const = default;
};

/// Index into Kernel::types. -1: no value.
struct Value {
  int32_t id = -1;
  explicit operator bool() const { return id >= 0; }
  bool operator==(const Value&) const = default;
};

/// Index into Kernel::buffers.
struct BufferId {
  int32_t id = -1;
  bool operator==(const BufferId&) const = default;
};

enum class OpCode : uint8_t {
  // Leaves.
  kConstant,  ///< `bits`: the value, its bytes in the low bytes; a vector has all lanes equal
  kScalar,    ///< scalar parameter number `imm`
  kIota,      ///< lanes 0, 1, 2, ... as integers
  // Element-wise, one operand; floats unless said otherwise.
  kNeg,
  kAbs,
  kSqrt,
  kFloor,
  kCeil,
  kRoundEven,
  kTrunc,
  kNot,  ///< bool or integer: bitwise
  // Element-wise, two operands of one type. Integers wrap.
  kAdd,
  kSub,
  kMul,
  kDiv,  ///< integers: the divisor is never 0, nor MIN / -1 (callers guard); floats: IEEE
  kRem,  ///< integers, guarded like kDiv; the sign is the dividend's
  kMin,  ///< floats: (a < b || isnan(a)) ? a : b
  kMax,  ///< floats: (a > b || isnan(a)) ? a : b
  kAnd,
  kOr,
  kXor,
  kShl,
  kShr,       ///< integers; amounts in [0, width); kShr is arithmetic for signed types, else logical
  kMulHigh,   ///< u32: the upper half of the 64-bit product (Philox)
  kCopySign,  ///< floats
  // Comparisons: bool result; false on NaN, but for kNe, which is true on NaN.
  kEq,
  kNe,
  kLt,
  kLe,
  kGt,
  kGe,
  kFma,      ///< a*b + c, rounded once
  kSelect,   ///< select(condition, if_true, if_false)
  kConvert,  ///< to `type`; float to integer saturates and NaN gives 0; to bool is `!= 0`
  kBitcast,  ///< same number of bits
  // Vectors.
  kBroadcast,  ///< scalar to all lanes
  kExtract,    ///< lane `imm` of a vector, as a scalar
  kShuffle,    ///< result lane i = lane `lanes[i]` of the concatenation of both operands
  // Vector to scalar in a fixed tree: halves are combined (lane i with lane i + n/2) until one is left.
  kReduceAdd,
  kReduceMul,
  kReduceMin,
  kReduceMax,
  kReduceAnd,
  kReduceOr,
  // Memory. Index operands count elements; on a table the row, an i64 scalar, follows the index.
  kLoad,     ///< load(index [, mask]): `type.lanes` consecutive elements; masked-off lanes are 0
  kStore,    ///< store(value, index [, mask])
  kGather,   ///< gather(indices [, mask]); masked-off lanes are 0 and not accessed
  kScatter,  ///< scatter(value, indices [, mask]); later lanes win
  /// prefetch(index): the element will be needed soon, `imm` 1: to be written. It need not exist.
  kPrefetch,
  // Control. Blocks end with kYield, which names the next carried values or the results.
  kFor,       ///< for(lower, upper, init...): step `imm`; block args: induction variable, carried...; results: carried
  kWhile,     ///< while(init...): blocks[0] args: carried..., yields (condition, carried...); blocks[1] yields carried
  kIf,        ///< if(condition): blocks[0], blocks[1] (may be empty without results); results: the yields
  kParallel,  ///< parallel(n_chunks): block arg: the chunk; top level only; no results
  kYield,
  /// fault(condition, site, element, value): when any lane of `condition` is true, reports the site
  /// (an i64 scalar) with the element and value of the first such lane; never branches out. Element
  /// and value are i64 with the lanes of the condition, or scalars that hold for every lane.
  kFault,
};

struct Inst;

struct Block {
  std::vector<Value> args;
  std::vector<Inst> insts;
};

struct Inst {
  OpCode op = OpCode::kYield;
  std::vector<Value> operands;
  std::vector<Value> results;  ///< at most one, but for kFor, kWhile, kIf
  BufferId buffer;             ///< memory operations
  int64_t imm = 0;             ///< kScalar: number; kExtract: lane; kFor: step; kLoad/kStore: alignment in bytes or 0;
                               ///< kPrefetch: 1 for writing
  uint64_t bits = 0;           ///< kConstant
  bool masked = false;         ///< memory: the last operand is a mask
  std::vector<int> lanes;      ///< kShuffle
  std::vector<Block> blocks;
};

enum class Space : uint8_t {
  kParam,          ///< passed in `buffers`
  kTable,          ///< one buffer a row: passed behind all kParam, row after row, the tables of a row in order
  kWorkerScratch,  ///< `size` elements private to one chunk (or to the kernel outside parallel); on the stack
};

struct Buffer {
  std::string name;
  DType elem = kFloat32;
  Space space = Space::kParam;
  bool written = false;  ///< some instruction stores to it
  bool noalias = true;   ///< disjoint from every other buffer of the kernel
  int64_t size = 0;      ///< kWorkerScratch: elements (a constant); else 0
  int align = 0;         ///< known alignment of the base in bytes; 0: that of the element
};

struct ScalarParam {
  std::string name;
  DType type = kInt64;
};

/// One native function. Two kernels that print the same (names apart) are the same kernel.
struct Kernel {
  std::string name;
  std::vector<Buffer> buffers;
  std::vector<ScalarParam> scalars;
  std::vector<Type> types;  ///< by Value::id
  Block body;

  Type type(Value v) const { return types[static_cast<size_t>(v.id)]; }
  const Buffer& buffer(BufferId b) const { return buffers[static_cast<size_t>(b.id)]; }
  /// How many buffers live in a space: of kTable those of one row.
  int64_t count(Space space) const;
  /// Where the buffer stands among those that the kernel is passed; of a table that of row 0, from
  /// which that of row r is r * count(kTable) further. Scratch is not passed.
  int64_t slot(BufferId b) const;
};

}  // namespace dlc::backend::loops
