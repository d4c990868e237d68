// Matrix products.
#pragma once

#include <string_view>

#include "frontend/graph/graph.h"
#include "frontend/graph/tensor_arg.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

struct MatmulOptions {
  bool transpose_a = false;
  bool transpose_b = false;
  std::string_view name = {};
};

/// a[..., m, k] times b[..., k, n] is [..., m, n]; the dimensions in front broadcast. Rank >= 2.
Tensor matmul(const TensorArg& a, const TensorArg& b, const MatmulOptions& options = {});

}  // namespace dlc DLC_PUBLIC
