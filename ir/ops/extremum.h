// What max and min share: who gets the gradient.
#pragma once

#include "ir/ops/elementwise.h"

namespace dlc::ir {

/// dy goes to a where `direction` holds between a and b, else to b: the convention of TensorFlow,
/// where ties belong to a.
inline Gradients grad_extremum(GradContext& g, const char* direction) {
  const Value dy = g.result_grad(), zero = g.b.full_like(dy, 0.0);
  const Value first = g.b.compare(direction, g.operand(0), g.operand(1));
  return {g.needed(0) ? g.b.select(first, dy, zero) : Value{}, g.needed(1) ? g.b.select(first, zero, dy) : Value{}};
}

}  // namespace dlc::ir
