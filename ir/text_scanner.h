// The characters of IR text: positions, words, literals, types and attributes. Each read either
// succeeds, or reports into the Diagnostics and returns nothing; no input makes it fail otherwise.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/attr.h"
#include "ir/op.h"
#include "ir/type.h"
#include "support/diagnostics.h"

namespace dlc::ir {

class TextScanner {
 public:
  TextScanner(std::string_view text, std::string file, Diagnostics& diagnostics);

  /// Skips blanks and // comments; true when nothing is left.
  bool at_end();
  /// Skips blanks; the offset of what comes next.
  size_t position();
  SourceLoc loc_at(size_t offset) const;
  /// The next character after blanks; '\0' at the end.
  char peek();

  /// Takes `token` if it comes next. Words end where a word may end.
  bool eat(std::string_view token);
  /// The same, with an error that says what was expected in which context.
  bool expect(std::string_view token, std::string_view context);
  /// [A-Za-z_][A-Za-z0-9_]* or an error "expected WHAT".
  std::optional<std::string> word(std::string_view what);
  bool next_is_word();
  /// What stands after a sigil: a plain name, a quoted one, or digits (returned with '#' in front,
  /// which no plain name has; quoted ones get a '"').
  std::optional<std::string> name(char sigil, std::string_view what);
  std::optional<std::string> string_literal();
  std::optional<int64_t> integer();
  std::optional<TensorType> type();
  std::optional<Attr> attribute();
  /// `loc(...)` if it comes next, else an empty one. nullopt: malformed.
  std::optional<Provenance> location();

  /// The rest of the line, up to `stop` (not taken) or a comment.
  std::string_view line_until(std::string_view stop);
  /// Goes to behind the statement that begins at `begin`: to the next line outside its braces.
  void skip_statement(size_t begin);
  /// Goes to the next line that begins with `func`, or to the end.
  void skip_to_function();

  /// Reports; returns nullopt to be returned on.
  std::nullopt_t fail(size_t offset, ErrorCode code, std::string message);
  std::nullopt_t expected(std::string_view what);
  void report(size_t offset, Error error);
  /// How many were reported, those beyond the limit of the Diagnostics included.
  size_t errors() const { return errors_; }

 private:
  std::optional<Dims> dims(char open, char close);
  std::optional<Attr> array(DType dtype);
  std::optional<Attr> hex_array(DType dtype, const Shape& shape, size_t begin);
  std::optional<Attr> number();
  std::string_view number_text();
  void skip_blanks();

  std::string_view text_;
  std::string file_;
  Diagnostics& diagnostics_;
  size_t at_ = 0;
  size_t errors_ = 0;
  std::vector<size_t> line_starts_;
};

}  // namespace dlc::ir
