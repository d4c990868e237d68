// What is known of an instruction from its OpCode alone: its name in text and its group. Printer,
// verifier, builder and interpreter read this one table.
#pragma once

#include "backend/loops/loops.h"

namespace dlc::backend::loops {

enum class OpGroup : uint8_t {
  kLeaf,
  kUnary,
  kBinary,
  kCompare,
  kTernary,   ///< kFma, kSelect
  kCast,      ///< kConvert, kBitcast
  kLaneMove,  ///< kBroadcast, kExtract, kShuffle
  kReduce,
  kMemory,
  kControl,
};

struct OpInfo {
  const char* name;  ///< as printed: "add", "reduce_max", ...
  OpGroup group;
};

const OpInfo& op_info(OpCode op);

inline const char* to_string(OpCode op) { return op_info(op).name; }
/// No memory, no control, no effect: equal operands give equal results.
inline bool is_pure(OpCode op) { return op_info(op).group < OpGroup::kMemory; }

}  // namespace dlc::backend::loops
