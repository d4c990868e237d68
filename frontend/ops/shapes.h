// Filled tensors, and operators that move elements without computing.
#pragma once

#include <string_view>
#include <vector>

#include "frontend/graph/graph.h"
#include "frontend/graph/tensor_arg.h"

namespace dlc {

/// dims may name symbols of placeholders: zeros({"n", 10}).
Tensor zeros(const DimsArg& dims, DType dtype = kFloat32, std::string_view name = {},
             std::source_location loc = std::source_location::current());
Tensor ones(const DimsArg& dims, DType dtype = kFloat32, std::string_view name = {},
            std::source_location loc = std::source_location::current());
Tensor fill(const DimsArg& dims, double value, DType dtype = kFloat32, std::string_view name = {},
            std::source_location loc = std::source_location::current());

}  // namespace dlc
