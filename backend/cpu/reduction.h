// The shape of a reduction: which elements are combined in which order. It is a function of the
// extent alone, never of the machine, of fusion or of threads, so that the bits are too.
//
// Over a last axis of n elements: element i goes to virtual lane i mod 64. Within a block of 8192
// elements each lane combines its elements in order, starting from the identity; the lanes of the
// blocks are combined in block order; then lane l is combined with lane l + 32, l + 16, ... l + 1.
// Over an outer axis: blocks of 1024 elements in order, the block results in order.
#pragma once

#include <string>

#include "backend/loops/builder.h"

namespace dlc::backend {

inline constexpr int kVirtualLanes = 64;
inline constexpr int64_t kLaneBlock = 8192;
inline constexpr int64_t kColumnBlock = 1024;

/// One kind of reduce: "sum" "prod" "max" "min" "any" "all".
struct Combiner {
  loops::OpCode op;          ///< combines two values
  loops::OpCode horizontal;  ///< a vector to a scalar
  static Combiner of(const std::string& kind);
  loops::Value identity(loops::LoopBuilder& b, loops::Type type) const;
  loops::Value combine(loops::LoopBuilder& b, loops::Value a, loops::Value x) const { return b.binary(op, a, x); }
};

}  // namespace dlc::backend
