// Copying a constant operand of a product to the panels that its kernel reads (dot_kernel.cpp), when it is compiled.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "ir/attr.h"
#include "support/array.h"

namespace dlc::backend {

/// The axes of an operand: those of the batch, those that stay, those that are contracted.
using OperandAxes = std::array<ir::Ints, 3>;

/// `size` elements, of which number place(b, f, k) is that of `value` at position b of its batch axes, f of its free
/// and k of its contracted ones, all in row-major order. What no element fills is zero.
Array copy_to_panels(const Array& value, const OperandAxes& axes, int64_t size,
                     const std::function<int64_t(int64_t b, int64_t f, int64_t k)>& place);

}  // namespace dlc::backend
