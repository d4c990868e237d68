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
  const std::string_view rest = text_.substr(begin);
  return rest.substr(0, rest.find('\n'));
}

std::string Diagnostics::str() const {
  std::string out;
  for (const Error& e : errors_) {
    out += fmt::format("{}: error: {}\n", e.loc.str(), e.message);
    if (e.loc.file == file_) {
      const std::string_view source = line_text(e.loc.line);
      constexpr size_t kLongest = 200;
      if (!source.empty() && source.size() <= kLongest) {
        std::string indent;
        for (size_t i = 0; i + 1 < static_cast<size_t>(e.loc.column) && i < source.size(); ++i)
          indent += source[i] == '\t' ? '\t' : ' ';
        out += fmt::format("  {}\n  {}^\n", source, indent);
      }
    }
    for (const std::string& line : e.notes) out += fmt::format("  note: {}\n", line);
  }
  if (full()) out += "too many errors; stopped here\n";
  return out;
}

Error Diagnostics::to_error() const {
  DLC_CHECK(!ok(), "no error to report");
  if (errors_.size() == 1 && errors_[0].notes.empty()) {
    Error e = errors_[0];
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
