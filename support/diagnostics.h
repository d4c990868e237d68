// Diagnostics: many errors of one text, each with its place and a caret under the source line.
//
//   mlp.dlc:3:8: error: matmul: operand 'b' needs rank >= 2, got f32[]
//     y = matmul(x, w)
//         ^
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/error.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

class Diagnostics {
 public:
  /// `file` names the text in messages; `text` must outlive this object.
  Diagnostics(std::string file, std::string_view text) : file_(std::move(file)), text_(text) {}

  /// `line` and `column` count from 1, columns in bytes.
  void error(int line, int column, ErrorCode code, std::string message);
  /// An Error whose place may be unknown; then it is reported at the place given.
  void error(int line, int column, const Error& error);

  bool ok() const { return errors_.empty(); }
  size_t count() const { return errors_.size(); }
  const std::vector<Error>& errors() const { return errors_; }
  /// Too many to go on: parsers stop here.
  bool full() const { return errors_.size() >= kMaxErrors; }
  /// All errors in the order found, with source lines and carets.
  std::string str() const;
  /// One Error that holds them all; a lone error keeps its place and brings its source line and
  /// caret as notes. Call only when not ok().
  Error to_error() const;

 private:
  static constexpr size_t kMaxErrors = 50;
  std::string_view line_text(int line) const;
  /// The line of `e` and a line with a caret below its column; empty when there is none to show.
  std::vector<std::string> source_and_caret(const Error& e) const;

  std::string file_;
  std::string_view text_;
  std::vector<Error> errors_;
};

/// An error of to_error() as str() shows it, "file:line:column: error: message": for programs that print it.
Error with_place_in_front(Error error);

}  // namespace dlc DLC_PUBLIC
