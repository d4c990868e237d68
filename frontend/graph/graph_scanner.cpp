// Graph files: from characters to tokens.
#include <algorithm>
#include <charconv>

#include "frontend/graph/graph_text.h"

namespace dlc::graph_text {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word_char(char c) { return is_letter(c) || is_digit(c); }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The length of the plain name that `text` begins with: words with single dots between them.
size_t name_length(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return 0;
  size_t n = 1;
  while (n < text.size() &&
         (is_word_char(text[n]) || (text[n] == '.' && n + 1 < text.size() && is_word_char(text[n + 1]))))
    ++n;
  return n;
}

class Scanner {
 public:
  Scanner(std::string_view text, Diagnostics& diagnostics) : text_(text), diagnostics_(diagnostics) {}

  std::vector<Token> run() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = line_start_ = 3;  // the mark that some editors begin UTF-8 with
    while (!diagnostics_.full()) {
      while (here() == ' ' || here() == '\t' || here() == '\r') ++at_;
      if (here() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      if (at_ == text_.size()) break;
      token();
    }
    add(TokenKind::kNewline, at_, "");
    add(TokenKind::kEnd, at_, "");
    tokens_.back().place = behind_last();
    return std::move(tokens_);
  }

 private:
  char here(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  Place place(size_t offset) const { return {line_, static_cast<int>(offset - line_start_ + 1)}; }
  /// Behind the last character that is no blank: where an error at the end of the text can be shown.
  Place behind_last() const {
    const size_t last = text_.find_last_not_of(" \t\r\n");
    if (last == std::string_view::npos) return {1, 1};
    const auto line =
        1 + static_cast<int>(std::count(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(last), '\n'));
    const size_t begin = text_.substr(0, last).rfind('\n') + 1;  // 0 where there is none
    return {line, static_cast<int>(last - begin + 2)};
  }
  void add(TokenKind kind, size_t begin, std::string text) { tokens_.push_back({kind, std::move(text), place(begin)}); }
  void error(size_t offset, std::string message) {
    const Place p = place(offset);
    diagnostics_.error(p.line, p.column, ErrorCode::kParse, std::move(message));
    add(TokenKind::kWrong, offset, "");
  }

  void token() {
    const size_t begin = at_;
    const char c = here();
    if (c == '\n') {
      add(TokenKind::kNewline, at_++, "");
      ++line_;
      line_start_ = at_;
    } else if (is_letter(c)) {
      at_ += name_length(text_.substr(at_));
      add(TokenKind::kName, begin, std::string(text_.substr(begin, at_ - begin)));
    } else if (is_digit(c) || (c == '.' && is_digit(here(1)))) {
      number();
    } else if (c == '"') {
      string();
    } else if (c == '`') {
      quoted_name();
    } else {
      symbol();
    }
  }

  void number() {
    const size_t begin = at_;
    while (is_digit(here())) ++at_;
    if (here() == '.') ++at_;
    while (is_digit(here())) ++at_;
    if ((here() == 'e' || here() == 'E') &&
        (is_digit(here(1)) || ((here(1) == '-' || here(1) == '+') && is_digit(here(2))))) {
      at_ += 2;
      while (is_digit(here())) ++at_;
    }
    const size_t end = at_;
    while (is_word_char(here())) ++at_;
    if (at_ != end)
      return error(begin, fmt::format("'{}' is no number; names begin with a letter or stand in `backquotes`",
                                      text_.substr(begin, std::min<size_t>(at_ - begin, 40))));
    add(TokenKind::kNumber, begin, std::string(text_.substr(begin, end - begin)));
  }

  void string() {
    const size_t begin = at_++;
    std::string out;
    while (here() != '"') {
      if (at_ >= text_.size() || here() == '\n') {
        return error(begin, "the string is not closed on its line");
      }
      if (here() == '\\') {
        escape(out);
      } else {
        out += text_[at_++];
      }
    }
    ++at_;
    add(TokenKind::kString, begin, std::move(out));
  }

  void escape(std::string& out) {
    const char c = here(1);
    if (c == '"' || c == '\\') {
      out += c;
    } else if (c == 'n') {
      out += '\n';
    } else if (c == 't') {
      out += '\t';
    } else if (c == 'x' && hex_digit(here(2)) >= 0 && hex_digit(here(3)) >= 0) {
      out += static_cast<char>(hex_digit(here(2)) * 16 + hex_digit(here(3)));
      at_ += 2;
    } else {
      error(at_, "unknown escape in a string; there are \\\" \\\\ \\n \\t \\xNN");
      ++at_;
      return;
    }
    at_ += 2;
  }

  void quoted_name() {
    const size_t begin = at_++;
    while (at_ < text_.size() && here() != '`' && here() != '\n') ++at_;
    std::string name(text_.substr(begin + 1, at_ - begin - 1));
    if (here() != '`') return error(begin, "the name in backquotes is not closed on its line");
    ++at_;
    add(TokenKind::kQuotedName, begin, std::move(name));
  }

  void symbol() {
    const size_t begin = at_;
    for (const std::string_view two : {"**", "<=", ">=", "==", "!="})
      if (text_.substr(at_).starts_with(two)) {
        at_ += 2;
        return add(TokenKind::kSymbol, begin, std::string(two));
      }
    constexpr std::string_view kSymbols = "()[]{},=+-*/%<>&|^~?:";
    const char c = text_[at_++];
    if (kSymbols.find(c) != std::string_view::npos) return add(TokenKind::kSymbol, begin, std::string(1, c));
    const auto byte = static_cast<unsigned char>(c);
    // One error for a run of them: a file of another kind is told once.
    while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) >= 0x7f) ++at_;
    // 'a': what is between the quotes is part of the same mistake.
    if (c == '\'') at_ = std::min(text_.find_first_of("'\n", at_), text_.size());
    if (c == '\'' && here() == '\'') ++at_;
    if (byte > 0x20 && byte < 0x7f)
      error(begin, fmt::format("'{}' means nothing here{}", c, c == '\'' ? "; strings stand in double quotes" : ""));
    else
      error(begin, fmt::format("the byte 0x{:02x} means nothing here", byte));
  }

  std::string_view text_;
  Diagnostics& diagnostics_;
  size_t at_ = 0;
  size_t line_start_ = 0;
  int line_ = 1;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> scan(std::string_view text, Diagnostics& diagnostics) { return Scanner(text, diagnostics).run(); }

bool is_plain_name(std::string_view name) {
  if (name.empty() || name_length(name) != name.size() || dtype_from_string(name)) return false;
  constexpr std::string_view kWords[] = {"true", "false", "inf", "nan"};
  return std::find(std::begin(kWords), std::end(kWords), name) == std::end(kWords);
}

std::optional<int64_t> fresh_symbol_number(std::string_view symbol) {
  constexpr int64_t kMost = int64_t{1} << 62;  // a count goes on from it
  int64_t number = 0;
  if (symbol.size() < 2 || symbol[0] != '_' || symbol[1] == '-') return std::nullopt;
  const char* const last = symbol.data() + symbol.size();
  const auto [end, failure] = std::from_chars(symbol.data() + 1, last, number);
  if (failure != std::errc() || end != last || number >= kMost) return std::nullopt;
  return number;
}

std::string name_text(const std::string& name) { return is_plain_name(name) ? name : '`' + name + '`'; }

}  // namespace dlc::graph_text
