#include "support/source_loc.h"

#include <fmt/format.h>

namespace dlc {

std::string SourceLoc::str() const {
  if (!known()) return {};
  if (column > 0) return fmt::format("{}:{}:{}", file, line, column);
  return fmt::format("{}:{}", file, line);
}

}  // namespace dlc
