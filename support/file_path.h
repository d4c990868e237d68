// FilePath: the name of a file or folder in an interface. What takes one takes a string or a
// std::filesystem::path, and may be given to what takes a std::filesystem::path; whoever calls with a string
// does not pay for <filesystem>, which costs as much to compile as all headers of dlc together.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// What std::filesystem::path is, without naming it.
template <typename T>
concept NativePath = requires(const T& path) {
  { path.native() } -> std::same_as<const std::string&>;
};

class FilePath {
 public:
  FilePath() = default;
  FilePath(const char* path) : path_(path) {}             // NOLINT(google-explicit-constructor)
  FilePath(std::string path) : path_(std::move(path)) {}  // NOLINT(google-explicit-constructor)
  FilePath(std::string_view path) : path_(path) {}        // NOLINT(google-explicit-constructor)
  template <NativePath T>
  FilePath(const T& path) : path_(path.native()) {}  // NOLINT(google-explicit-constructor)
  template <NativePath T>
  operator T() const {  // NOLINT(google-explicit-constructor)
    return T(path_);
  }
  const std::string& string() const { return path_; }

 private:
  std::string path_;
};

}  // namespace dlc DLC_PUBLIC
