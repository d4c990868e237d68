#include "tools/dlc/verb.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

namespace dlc::tools {

int report(const Error& error) {
  std::fflush(stdout);
  // Errors of a text come with their places, line by line, already.
  const bool listed = error.message.find(": error: ") != std::string::npos;
  if (listed)
    fmt::print(stderr, "{}\n", error.str());
  else
    fmt::print(stderr, "dlc: error: {}\n", error.str());
  return error.code == ErrorCode::kUnimplemented ? kNotSupported : kFailed;
}

Expected<std::string> read_text(const std::string& path) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
    return text;
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return make_error(ErrorCode::kIo, "cannot open '{}': {}", path, std::strerror(errno));
  text.assign(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) return make_error(ErrorCode::kIo, "cannot read '{}': {}", path, std::strerror(errno));
  return text;
}

Expected<void> write_text(const std::string& path, const std::string& text) {
  if (path.empty() || path == "-") {
    fmt::print("{}", text);
    return {};
  }
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) return make_error(ErrorCode::kIo, "cannot write '{}': {}", path, std::strerror(errno));
  return {};
}

}  // namespace dlc::tools
