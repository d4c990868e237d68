// The floating-point state of running programs, under the runtime's name; support/fp_state.h has it
// because the IR interpreter runs under the same.
#pragma once

#include "support/fp_state.h"

namespace dlc::runtime {

using dlc::FpMode;
using dlc::FpStateGuard;

}  // namespace dlc::runtime
