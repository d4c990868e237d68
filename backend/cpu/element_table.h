// Element-wise ops as expressions: one row an op, for any number of lanes.
#pragma once

#include <span>

#include "backend/cpu/element_builder.h"

namespace dlc::backend {

/// What a row may use beside the operands.
struct ElementArgs {
  KernelContext& k;
  loops::LoopBuilder& b;
  const ir::Op& op;
  std::span<const loops::Value> x;  ///< operands, scalars or vectors
  const Index& index;
  ElementBuilder& elements;

  DType dtype() const { return op.type().dtype; }
  /// Reports lanes of `condition` that exist (index.mask) as faults of this op.
  void fault(loops::Value condition, loops::Value value, const char* check) const;
};

using ElementFn = loops::Value (*)(const ElementArgs&);
/// The row of an op; nullptr when the op is not element-wise.
ElementFn find_element_fn(ir::OpKind kind);
/// Rough cost of one element in nanoseconds in vectors of four lanes: 0.05 for an add, more for mathematics.
double element_cost_ns(ir::OpKind kind);

}  // namespace dlc::backend
