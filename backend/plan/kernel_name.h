#pragma once

#include <string>

#include "backend/loops/loops.h"

namespace dlc::backend {

/// "loop_" and 32 hexadecimal digits: the kind, and a hash of the kernel's text with names normalised.
std::string kernel_name(const std::string& kind, const loops::Kernel& kernel);

}  // namespace dlc::backend
