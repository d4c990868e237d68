// The shape of a reduction: which elements are combined in which order. It is a function of the
// extent alone, never of the machine, of fusion or of threads, so that the bits are too.
//
// Over a last axis of n elements: element i goes to virtual lane i mod 64. Within a block of 2048
// elements each lane combines its 32 elements in order, starting from the identity; the lanes of the
// blocks are combined in block order; then lane l is combined with lane l + 32, l + 16, ... l + 1.
// Over an outer axis: blocks of 32 elements in order, the block results in order.
//
// Block results of f32 sums are added in f64. So a sum of f32 is off by at most 32/2 + 7 roundings of the
// sum of absolute values, however many terms it has.
#pragma once

#include <string>

#include "backend/loops/builder.h"

namespace dlc::backend {

inline constexpr int kVirtualLanes = 64;
inline constexpr int64_t kLaneBlock = 32 * kVirtualLanes;
inline constexpr int64_t kColumnBlock = 32;

/// One kind of reduce: "sum" "prod" "max" "min" "any" "all".
struct Combiner {
  loops::OpCode op;          ///< combines two values
  loops::OpCode horizontal;  ///< a vector to a scalar
  static Combiner of(const std::string& kind);
  loops::Value identity(loops::LoopBuilder& b, loops::Type type) const;
  loops::Value combine(loops::LoopBuilder& b, loops::Value a, loops::Value x) const { return b.binary(op, a, x); }
};

/// The results of blocks, combined in block order: f32 sums in f64. Block results are of `type`.
class BlockTotal {
 public:
  BlockTotal(Combiner combiner, loops::Type type) : combiner_(combiner), type_(type) {}

  loops::Value identity(loops::LoopBuilder& b) const;
  loops::Value add(loops::LoopBuilder& b, loops::Value total, loops::Value block) const;
  loops::Value result(loops::LoopBuilder& b, loops::Value total) const { return b.convert(total, type_.elem); }

 private:
  DType wide() const { return combiner_.op == loops::OpCode::kAdd && type_.elem == kFloat32 ? kFloat64 : type_.elem; }

  Combiner combiner_;
  loops::Type type_;
};

}  // namespace dlc::backend
