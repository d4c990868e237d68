#include "tools/dlc/opt_diagnostics.h"

#include <fmt/format.h>

#include <charconv>

namespace dlc::tools {
namespace {

constexpr int kUnknownLine = 0;

struct Expectation {
  int line;
  int written_at;
  std::string text;
  bool met = false;
};

/// The comments of one line.
void collect(std::string_view line, int number, std::vector<Expectation>& out, std::vector<std::string>& problems) {
  constexpr std::string_view kMark = "expected-error";
  const size_t comment = line.find("//");
  if (comment == std::string_view::npos) return;
  std::string_view rest = line.substr(comment);
  for (size_t at = rest.find(kMark); at != std::string_view::npos; at = rest.find(kMark)) {
    rest.remove_prefix(at + kMark.size());
    int target = number;
    if (rest.starts_with("@unknown")) {
      target = kUnknownLine;
      rest.remove_prefix(8);
    } else if (rest.starts_with("@+") || rest.starts_with("@-")) {
      int offset = 0;
      const auto [end, error] = std::from_chars(rest.data() + 2, rest.data() + rest.size(), offset);
      if (error != std::errc()) {
        problems.push_back(
            fmt::format("line {}: expected a number after 'expected-error{}'", number, rest.substr(0, 2)));
        return;
      }
      target += rest[1] == '+' ? offset : -offset;
      rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    }
    const size_t open = rest.find("{{"), close = rest.find("}}");
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
      problems.push_back(fmt::format("line {}: expected '{{{{text}}}}' after 'expected-error'", number));
      return;
    }
    out.push_back({target, number, std::string(rest.substr(open + 2, close - open - 2))});
    rest.remove_prefix(close + 2);
  }
}

}  // namespace

std::vector<std::string> check_expected_errors(std::string_view text, int first_line, const std::string& file,
                                               const std::vector<Error>& found) {
  std::vector<std::string> problems;
  std::vector<Expectation> expected;
  for (int number = first_line; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    collect(line, number, expected, problems);
  }
  for (const Error& e : found) {
    const int line = e.loc.known() && e.loc.file == file ? e.loc.line : kUnknownLine;
    bool met = false;
    for (Expectation& x : expected) {
      if (x.met || x.line != line || e.str().find(x.text) == std::string::npos) continue;
      x.met = met = true;
      break;
    }
    if (!met) problems.push_back(fmt::format("{}: unexpected error: {}", file, e.str()));
  }
  for (const Expectation& x : expected)
    if (!x.met) problems.push_back(fmt::format("{}:{}: expected an error here: {}", file, x.written_at, x.text));
  return problems;
}

}  // namespace dlc::tools
