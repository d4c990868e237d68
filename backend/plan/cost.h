// What one call of a kernel does, counted from its region: for traces and profiles.
#pragma once

#include <span>

#include "ir/dim.h"
#include "ir/function.h"

namespace dlc::backend {

struct Cost {
  /// Floating-point operations: one for each element of arithmetic or mathematics, whatever it takes the
  /// machine, two for each multiply-add of a product or an fma, one for each element that is reduced.
  ir::Dim flops = 0;
  /// Bytes that must move at least: each operand read once (of what is only gathered from, no more than
  /// is gathered), each result written once. Caches may save some, and tiles read again.
  ir::Dim bytes = 0;
};

/// The cost of a kernel's region, of which parameter i is `operands[i]`.
Cost cost_of(const ir::Function& region, std::span<const ir::Value> operands);

}  // namespace dlc::backend
