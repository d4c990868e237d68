#include "support/format_text.h"

#include <fmt/format.h>

namespace dlc {

fmt::format_context::iterator TextFormatter::write(std::string_view text, fmt::format_context& context) const {
  return format({text.data(), text.size()}, context);
}

}  // namespace dlc
