#include "ir/text_scanner.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

namespace dlc::ir {
namespace {

constexpr size_t kMaxRank = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word_char(char c) { return is_letter(c) || is_digit(c); }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// What comes next, for messages: a word, or one character.
std::string shown(std::string_view rest) {
  if (rest.empty()) return "the end of the text";
  size_t n = 0;
  while (n < rest.size() && n < 30 && is_word_char(rest[n])) ++n;
  if (n == 0) {
    const char c = rest.front();
    if (c < 0x20 || c == 0x7f) return fmt::format("the byte 0x{:02x}", static_cast<unsigned char>(c));
    n = 1;
  }
  return fmt::format("'{}'", rest.substr(0, n));
}

/// The whole of `text` as T: "true", "-1", "0.5", "nan"; nullopt if it is none or out of range.
template <typename T>
std::optional<T> parse_element(std::string_view text) {
  if constexpr (std::is_same_v<T, bool>) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
  } else {
    if constexpr (std::is_floating_point_v<T>) {
      const bool negative = text.starts_with('-');
      const std::string_view magnitude = text.substr(negative ? 1 : 0);
      const T sign = negative ? T{-1} : T{1};
      if (magnitude == "nan") return std::copysign(std::numeric_limits<T>::quiet_NaN(), sign);
      if (magnitude == "inf") return sign * std::numeric_limits<T>::infinity();
    }
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
  }
}

}  // namespace

TextScanner::TextScanner(std::string_view text, std::string file, Diagnostics& diagnostics)
    : text_(text), file_(std::move(file)), diagnostics_(diagnostics), line_starts_{0} {
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') line_starts_.push_back(i + 1);
}

void TextScanner::skip_blanks() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else if (text_.substr(at_).starts_with("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      return;
    }
  }
}

bool TextScanner::at_end() {
  skip_blanks();
  return at_ == text_.size();
}

size_t TextScanner::position() {
  skip_blanks();
  return at_;
}

SourceLoc TextScanner::loc_at(size_t offset) const {
  const auto line = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset) - line_starts_.begin();
  return {file_, static_cast<int>(line), static_cast<int>(offset - line_starts_[static_cast<size_t>(line - 1)] + 1)};
}

char TextScanner::peek() { return at_end() ? '\0' : text_[at_]; }

bool TextScanner::eat(std::string_view token) {
  skip_blanks();
  const std::string_view rest = text_.substr(at_);
  if (!rest.starts_with(token)) return false;
  if (is_word_char(token.back()) && rest.size() > token.size() && is_word_char(rest[token.size()])) return false;
  at_ += token.size();
  return true;
}

bool TextScanner::expect(std::string_view token, std::string_view context) {
  if (eat(token)) return true;
  expected(fmt::format("'{}' {}", token, context));
  return false;
}

std::nullopt_t TextScanner::fail(size_t offset, ErrorCode code, std::string message) {
  const SourceLoc loc = loc_at(offset);
  ++errors_;
  diagnostics_.error(loc.line, loc.column, code, std::move(message));
  return std::nullopt;
}

std::nullopt_t TextScanner::expected(std::string_view what) {
  skip_blanks();
  return fail(at_, ErrorCode::kParse, fmt::format("expected {}, found {}", what, shown(text_.substr(at_))));
}

void TextScanner::report(size_t offset, Error error) {
  const SourceLoc loc = loc_at(offset);
  // The text is what the reader has at hand; the user's own place is told beside it.
  if (error.loc.known()) error.notes.push_back(fmt::format("made at {}", error.loc.str()));
  error.loc = {};
  ++errors_;
  diagnostics_.error(loc.line, loc.column, error);
}

bool TextScanner::next_is_word() { return is_letter(peek()); }

std::optional<std::string> TextScanner::word(std::string_view what) {
  if (!next_is_word()) return expected(what);
  const size_t begin = at_;
  while (at_ < text_.size() && is_word_char(text_[at_])) ++at_;
  return std::string(text_.substr(begin, at_ - begin));
}

std::optional<std::string> TextScanner::name(char sigil, std::string_view what) {
  if (peek() != sigil) return expected(what);
  ++at_;
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  if (c == '"') {
    std::optional<std::string> quoted = string_literal();
    if (!quoted) return std::nullopt;
    return '"' + *quoted;
  }
  const size_t begin = at_;
  if (is_digit(c)) {
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return '#' + std::string(text_.substr(begin, at_ - begin));
  }
  if (!is_letter(c)) return expected(fmt::format("a name or a number right after '{}'", sigil));
  while (at_ < text_.size() && (is_word_char(text_[at_]) || text_[at_] == '.' || text_[at_] == '/')) ++at_;
  return '"' + std::string(text_.substr(begin, at_ - begin));
}

std::optional<std::string> TextScanner::string_literal() {
  if (peek() != '"') return expected("a string in double quotes");
  const size_t begin = at_++;
  std::string out;
  while (at_ < text_.size() && text_[at_] != '\n') {
    const char c = text_[at_++];
    if (c == '"') return out;
    if (c != '\\') {
      out += c;
      continue;
    }
    const char escaped = at_ < text_.size() ? text_[at_++] : '\0';
    switch (escaped) {
      case '"':
      case '\\': out += escaped; break;
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case 'x': {
        const int high = at_ < text_.size() ? hex_digit(text_[at_]) : -1;
        const int low = at_ + 1 < text_.size() ? hex_digit(text_[at_ + 1]) : -1;
        if (high < 0 || low < 0) return fail(at_ - 2, ErrorCode::kParse, "expected two hexadecimal digits after \\x");
        out += static_cast<char>(high * 16 + low);
        at_ += 2;
        break;
      }
      default:
        return fail(std::min(at_, text_.size()) - 1, ErrorCode::kParse,
                    "unknown escape in a string; there are \\\" \\\\ \\n \\t \\xNN");
    }
  }
  return fail(begin, ErrorCode::kParse, "the string is not closed on its line");
}

std::optional<int64_t> TextScanner::integer() {
  skip_blanks();
  const size_t begin = at_;
  const std::string_view text = number_text();
  const std::optional<int64_t> value = parse_element<int64_t>(text);
  if (value) return value;
  at_ = begin;
  return expected("an integer of 64 bits");
}

std::string_view TextScanner::number_text() {
  skip_blanks();
  const size_t begin = at_;
  const auto here = [&] { return at_ < text_.size() ? text_[at_] : '\0'; };
  if (here() == '-') ++at_;
  if (is_letter(here())) {
    while (is_word_char(here())) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  while (is_digit(here()) || here() == '.') ++at_;
  if (here() == 'e' || here() == 'E') {
    ++at_;
    if (here() == '-' || here() == '+') ++at_;
    while (is_digit(here())) ++at_;
  }
  return text_.substr(begin, at_ - begin);
}

std::optional<Attr> TextScanner::number() {
  skip_blanks();
  const size_t begin = at_;
  const std::string_view text = number_text();
  if (const std::optional<int64_t> i = parse_element<int64_t>(text)) return Attr(*i);
  if (const std::optional<double> d = parse_element<double>(text)) return Attr(*d);
  at_ = begin;
  return expected("a value: true, false, a number, a string, a type, [integers], <dimensions> or an array");
}

std::optional<Dims> TextScanner::dims(char open, char close) {
  if (peek() != open) return expected(fmt::format("'{}' and dimensions", open));
  const size_t begin = ++at_;
  Dims out;
  int depth = 0;
  size_t from = at_;
  for (; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
    const char c = text_[at_];
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c != close && !(c == ',' && depth == 0)) continue;
    const std::string_view piece = text_.substr(from, at_ - from);
    const bool empty = out.empty() && c == close && piece.find_first_not_of(' ') == std::string_view::npos;
    if (!empty) {
      Expected<Dim> dim = parse_dim(piece);
      if (!dim) return fail(from, ErrorCode::kParse, dim.error().message);
      if (out.size() == kMaxRank)
        return fail(from, ErrorCode::kResourceExhausted, fmt::format("more than {} dimensions", kMaxRank));
      out.push_back(std::move(*dim));
    }
    from = at_ + 1;
    if (c == close) {
      ++at_;
      return out;
    }
  }
  return fail(begin - 1, ErrorCode::kParse, fmt::format("'{}' is not closed on its line by '{}'", open, close));
}

std::optional<TensorType> TextScanner::type() {
  const size_t begin = position();
  if (!next_is_word()) return expected("a type such as f32[n,4]");
  const std::optional<std::string> name = word("a type");
  const std::optional<DType> dtype = dtype_from_string(*name);
  if (!dtype)
    return fail(begin, ErrorCode::kParse,
                fmt::format("'{}' is no element type; there are bool u8 i32 i64 u32 u64 f32 f64", *name));
  std::optional<Dims> d = dims('[', ']');
  if (!d) return std::nullopt;
  // A stated size is a promise of memory: sizes that no machine has are refused here once for all.
  Shape numbers;
  for (const Dim& dim : *d)
    if (dim.is_constant()) numbers.push_back(dim.constant());
  if (const Expected<int64_t> count = checked_num_elements(numbers, *dtype); !count)
    return fail(begin, count.error().code, count.error().message);
  return TensorType{*dtype, std::move(*d)};
}

std::optional<Attr> TextScanner::hex_array(DType dtype, const Shape& shape, size_t begin) {
  const size_t first = at_;
  while (at_ < text_.size() && hex_digit(text_[at_]) >= 0) ++at_;
  const size_t digits = at_ - first;
  const auto bytes = static_cast<size_t>(num_elements(shape)) * size_of(dtype);
  // Compared before anything is allocated: a short text must not ask for much memory.
  if (digits / 2 != bytes || digits % 2 != 0)
    return fail(begin, ErrorCode::kParse,
                fmt::format("{} needs {} hexadecimal digits, found {}", type_str(dtype, shape), bytes * 2, digits));
  Array a = Array::uninitialized(dtype, shape);
  for (size_t i = 0; i < bytes; ++i) {
    const int byte = hex_digit(text_[first + 2 * i]) * 16 + hex_digit(text_[first + 2 * i + 1]);
    if (dtype == kBool && byte > 1) return fail(first + 2 * i, ErrorCode::kParse, "a bool is 00 or 01");
    a.bytes()[i] = static_cast<std::byte>(byte);
  }
  return Attr(std::move(a));
}

std::optional<Attr> TextScanner::array(DType dtype) {
  const size_t begin = position();
  const std::optional<Dims> d = dims('[', ']');
  if (!d) return std::nullopt;
  Shape shape;
  for (const Dim& dim : *d) {
    if (!dim.is_constant())
      return fail(begin, ErrorCode::kParse, fmt::format("an array has known dimensions, found '{}'", dim));
    shape.push_back(dim.constant());
  }
  const Expected<int64_t> count = checked_num_elements(shape, dtype);
  if (!count) return fail(begin, count.error().code, count.error().message);
  if (!expect("{", "before the elements of an array")) return std::nullopt;
  skip_blanks();
  if (text_.substr(at_).starts_with("0x")) {
    at_ += 2;
    std::optional<Attr> a = hex_array(dtype, shape, begin);
    if (!a || !expect("}", "after the bytes of an array")) return std::nullopt;
    return a;
  }
  return dispatch(dtype, [&]<typename T>() -> std::optional<Attr> {
    // std::vector<bool> has no elements to copy from; bytes do as well.
    std::vector<std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>> values;
    while (peek() != '}') {
      if (!values.empty() && !expect(",", "or '}' after an element")) return std::nullopt;
      const size_t element = position();
      const std::optional<T> value = parse_element<T>(number_text());
      if (!value) {
        at_ = element;
        return expected(fmt::format("an element of type {}", to_string(dtype)));
      }
      values.push_back(*value);
    }
    eat("}");
    if (static_cast<int64_t>(values.size()) != *count)
      return fail(begin, ErrorCode::kParse,
                  fmt::format("{} needs {} elements, found {}", type_str(dtype, shape), *count, values.size()));
    Array a = Array::uninitialized(dtype, shape);
    std::copy(values.begin(), values.end(), a.data<T>().begin());
    return Attr(std::move(a));
  });
}

std::optional<Attr> TextScanner::attribute() {
  const char c = peek();
  if (c == '"') {
    std::optional<std::string> s = string_literal();
    if (!s) return std::nullopt;
    return Attr(std::move(*s));
  }
  if (c == '<') {
    std::optional<Dims> d = dims('<', '>');
    if (!d) return std::nullopt;
    return Attr(std::move(*d));
  }
  if (eat("[")) {
    Ints values;
    while (!eat("]")) {
      if (!values.empty() && !expect(",", "or ']' in a list of integers")) return std::nullopt;
      const std::optional<int64_t> v = integer();
      if (!v) return std::nullopt;
      values.push_back(*v);
    }
    return Attr(std::move(values));
  }
  if (eat("true")) return Attr(true);
  if (eat("false")) return Attr(false);
  if (next_is_word()) {
    const size_t begin = at_;
    const std::optional<std::string> w = word("a value");
    if (const std::optional<DType> dtype = dtype_from_string(*w))
      return at_ < text_.size() && text_[at_] == '[' ? array(*dtype) : std::optional<Attr>(Attr(*dtype));
    at_ = begin;
  }
  return number();
}

std::optional<Provenance> TextScanner::location() {
  if (!eat("loc")) return Provenance();
  if (!expect("(", "after 'loc'")) return std::nullopt;
  std::optional<std::string> node = string_literal();
  if (!node) return std::nullopt;
  SourceLoc loc;
  if (eat(",")) {
    std::optional<std::string> file = string_literal();
    if (!file) return std::nullopt;
    loc.file = std::move(*file);
    int* const parts[] = {&loc.line, &loc.column};
    for (int i = 0; i < 2 && (i == 0 || peek() == ':'); ++i) {
      if (!expect(":", "and a line number after the file")) return std::nullopt;
      const size_t begin = position();
      const std::optional<int64_t> n = integer();
      if (!n) return std::nullopt;
      if (*n < 1 || *n > std::numeric_limits<int>::max())
        return fail(begin, ErrorCode::kParse, "lines and columns count from 1");
      *parts[i] = static_cast<int>(*n);
    }
  }
  if (!expect(")", "after a location")) return std::nullopt;
  return Provenance(std::move(*node), std::move(loc));
}

std::string_view TextScanner::line_until(std::string_view stop) {
  skip_blanks();
  std::string_view rest = text_.substr(at_);
  rest = rest.substr(0, rest.find('\n'));
  rest = rest.substr(0, rest.find("//"));
  rest = rest.substr(0, rest.find(stop));
  at_ += rest.size();
  while (!rest.empty() && (rest.back() == ' ' || rest.back() == '\t' || rest.back() == '\r')) rest.remove_suffix(1);
  return rest;
}

void TextScanner::skip_statement(size_t begin) {
  at_ = begin;
  int depth = 0;
  while (at_ < text_.size()) {
    if (text_.substr(at_).starts_with("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      continue;
    }
    const char c = text_[at_++];
    if (c == '"') {
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n') at_ += text_[at_] == '\\' ? 2 : 1;
      at_ = std::min(at_ + 1, text_.size());
      // An unclosed string hides the braces behind it: nothing better than the next line is known.
      if (text_[at_ - 1] == '\n') return;
    }
    if (c == '{') ++depth;
    if (c == '}' && --depth < 0) {  // the end of the body is not the statement's
      --at_;
      return;
    }
    if (c == '\n' && depth <= 0) return;
  }
}

void TextScanner::skip_to_function() {
  while (at_ < text_.size()) {
    at_ = std::min(text_.find('\n', at_), text_.size());
    skip_blanks();
    if (text_.substr(at_).starts_with("func ")) return;
  }
}

}  // namespace dlc::ir
