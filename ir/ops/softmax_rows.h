// What the softmax family shares: the stable parts of a row.
#pragma once

#include <limits>
#include <vector>

#include "ir/op_def.h"

namespace dlc::ir {

/// With m = max(x) along the axis, but the lowest finite number for a row that is all -inf, and the largest for one
/// with an inf:
struct SoftmaxRows {
  Value shifted;  ///< x - m, <= 0 or inf; the type of x
  Value exps;     ///< exp(x - m); the type of x
  Value total;    ///< their sum, at least 1; the axis dropped
};
SoftmaxRows softmax_rows(Builder& b, Value x, int64_t axis);

/// <name>_c1: 0 <= axis < rank. Result: the operand's type.
Expected<std::vector<TensorType>> infer_softmax(const InferContext& c);

}  // namespace dlc::ir
