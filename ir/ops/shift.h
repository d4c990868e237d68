// What the shifts share.
#pragma once

#include "ir/ops/elementwise.h"

namespace dlc::ir {

/// Whether shifting T by so much leaves any of its bits.
template <typename T>
bool within_width(T distance) {
  return distance >= T{0} && static_cast<uint64_t>(distance) < sizeof(T) * 8;
}

}  // namespace dlc::ir
