#include "backend/plan/kernel_name.h"

#include <fmt/format.h>

#include "backend/loops/printer.h"

namespace dlc::backend {
namespace {

/// FNV-1a over the text; two of them with different starts make collisions of kernels a non-event.
uint64_t fnv1a(std::string_view text, uint64_t hash) {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  hash ^= hash >> 32;
  return hash * 0x9e3779b97f4a7c15;
}

}  // namespace

std::string kernel_name(const std::string& kind, const loops::Kernel& kernel) {
  const std::string text = loops::content(kernel);
  return fmt::format("{}_{:016x}{:016x}", kind, fnv1a(text, 0xcbf29ce484222325), fnv1a(text, 0x6c62272e07bb0142));
}

}  // namespace dlc::backend
