#include "support/diagnostics.h"

#include "support/check.h"

namespace dlc {

void Diagnostics::error(int line, int column, ErrorCode code, std::string message) {
  if (full()) return;
  errors_.push_back(Error{code, std::move(message), SourceLoc(file_, line, column), {}});
}

void Diagnostics::error(int line, int column, const Error& error) {
  if (full()) return;
  Error e = error;
  if (!e.loc.known()) e.loc = SourceLoc(file_, line, column);
  errors_.push_back(std::move(e));
}

std::string_view Diagnostics::line_text(int line) const {
  size_t begin = 0;
  for (int i = 1; i < line; ++i) {
    begin = text_.find('\n', begin);
    if (begin == std::string_view::npos) return {};
    ++begin;
  }
  std::string_view source = text_.substr(begin);
  source = source.substr(0, source.find('\n'));
  if (source.ends_with('\r')) source.remove_suffix(1);
  return source;
}

std::vector<std::string> Diagnostics::source_and_caret(const Error& e) const {
  if (e.loc.file != file_) return {};
  const std::string_view source = line_text(e.loc.line);
  constexpr size_t kLongest = 200;
  if (source.empty() || source.size() > kLongest) return {};
  std::string shown;
  std::string caret;
  const size_t before = e.loc.column > 0 ? static_cast<size_t>(e.loc.column) - 1 : 0;
  for (size_t i = 0; i < source.size(); ++i) {
    const auto c = static_cast<unsigned char>(source[i]);
    const bool control = (c < 0x20 && c != '\t') || c == 0x7f;  // would reach the user's terminal
    shown += control ? '?' : source[i];
    const bool continues_utf8 = (c & 0xc0) == 0x80;  // takes no column on the screen
    if (i < before && !continues_utf8) caret += c == '\t' ? '\t' : ' ';
  }
  return {shown, caret + '^'};
}

std::string Diagnostics::str() const {
  std::string out;
  for (const Error& e : errors_) {
    out += fmt::format("{}: error: {}\n", e.loc.str(), e.message);
    for (const std::string& line : source_and_caret(e)) out += fmt::format("  {}\n", line);
    for (const std::string& line : e.notes) out += fmt::format("  note: {}\n", line);
  }
  if (full()) out += "too many errors; stopped here\n";
  return out;
}

Error with_place_in_front(Error error) {
  if (!error.loc.known()) return error;
  error.message = fmt::format("{}: error: {}", error.loc.str(), error.message);
  error.loc = {};
  return error;
}

Error Diagnostics::to_error() const {
  DLC_CHECK(!ok(), "no error to report");
  if (errors_.size() == 1) {
    Error e = errors_[0];
    for (std::string& note : e.notes) note.insert(0, "note: ");
    const std::vector<std::string> lines = source_and_caret(e);
    e.notes.insert(e.notes.begin(), lines.begin(), lines.end());
    return e;
  }
  Error all = errors_[0];
  all.message = str();
  while (!all.message.empty() && all.message.back() == '\n') all.message.pop_back();
  all.loc = {};
  all.notes.clear();
  return all;
}

}  // namespace dlc
