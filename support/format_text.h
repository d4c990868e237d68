// Formatters of fmt for types that have a text of their own, in headers that do without <fmt/format.h>,
// which costs more to compile than they do:
//
//   template <>
//   struct fmt::formatter<dlc::DType> : dlc::TextFormatter {
//     auto format(dlc::DType t, fmt::format_context& context) const { return write(dlc::to_string(t), context); }
//   };
#pragma once

#include <fmt/core.h>

#include <string_view>

#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

struct TextFormatter : fmt::formatter<fmt::string_view> {
  /// The text, as the format string asks for it: "{:>10}".
  fmt::format_context::iterator write(std::string_view text, fmt::format_context& context) const;
};

}  // namespace dlc DLC_PUBLIC
