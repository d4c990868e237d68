// What floating-point arithmetic does with subnormal numbers.
#pragma once

#include <cstdint>

#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// What happens to subnormal operands and results.
enum class FpMode : uint8_t {
  kFlushSubnormals,  ///< both read and written as zero: the default (SEMANTICS.md, Numbers)
  kKeepSubnormals,
};

}  // namespace dlc DLC_PUBLIC
