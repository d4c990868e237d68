// Where something was said by the user: a place in C++ source or in a text file.
#pragma once

#include <source_location>
#include <string>
#include <utility>

#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// A place in a file. `line` and `column` count from 1; 0 means unknown.
struct SourceLoc {
  std::string file;
  int line = 0;
  int column = 0;

  SourceLoc() = default;
  SourceLoc(std::string file_name, int line_number, int column_number = 0)
      : file(std::move(file_name)), line(line_number), column(column_number) {}
  /// Implicit on purpose: API functions take a defaulted std::source_location.
  SourceLoc(const std::source_location& where)  // NOLINT(google-explicit-constructor)
      : file(where.file_name()), line(static_cast<int>(where.line())) {}

  bool known() const { return line > 0; }
  /// `file:line` or `file:line:column`; empty when unknown.
  std::string str() const;
  bool operator==(const SourceLoc&) const = default;
};

}  // namespace dlc DLC_PUBLIC
