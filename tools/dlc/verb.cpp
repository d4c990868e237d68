#include "tools/dlc/verb.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "frontend/data/file_io.h"

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
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return make_error(ErrorCode::kIo, "cannot read '{}': it is a folder", path);
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
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  if (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status))
    return write_file_atomic(path, text);
  // A device or a pipe cannot be replaced.
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) return make_error(ErrorCode::kIo, "cannot write '{}': {}", path, std::strerror(errno));
  return {};
}

Expected<ir::SymbolBinding> parse_dims(const std::vector<std::string>& dims) {
  ir::SymbolBinding out;
  for (const std::string& text : dims) {
    const size_t equals = text.find('=');
    Expected<ir::Dim> size =
        equals == std::string::npos ? Expected<ir::Dim>(ir::Dim(-1)) : ir::parse_dim(text.substr(equals + 1));
    if (!size || !size->is_constant() || size->constant() < 0)
      return make_error(ErrorCode::kInvalidArgument, "--dims: expected NAME=SIZE, found '{}'", text);
    out[text.substr(0, equals)] = size->constant();
  }
  return out;
}

}  // namespace dlc::tools
