#include "backend/plan/kernel_name.h"

#include <fmt/format.h>

#include "backend/loops/printer.h"
#include "backend/native/hash.h"

namespace dlc::backend {

std::string kernel_name(const std::string& kind, const loops::Kernel& kernel) {
  // Two independent hashes make a collision of two kernels a non-event.
  const std::string text = loops::content(kernel);
  return fmt::format("{}_{:016x}{:016x}", kind, hash64(text, 1), hash64(text, 2));
}

}  // namespace dlc::backend
