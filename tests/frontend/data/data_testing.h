// What the tests of data files share: bytes, folders that vanish, expectations about errors.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/data/elements.h"
#include "frontend/data/file_io.h"
#include "support/array.h"
#include "support/expected.h"
#include "tests/testing/temp_dir.h"

namespace dlc::testing_data {

/// A string literal with its inner zero bytes: bytes("a\0b"_b).
inline std::string operator""_b(const char* text, size_t n) { return std::string(text, n); }

inline std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

using testing::TempDir;

/// While it lives no file grows beyond `bytes`: writes then fail as they do on a full disk, only that the
/// system says "File too large".
class FullDisk {
 public:
  explicit FullDisk(size_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_ = {};
};

template <typename T>
::testing::AssertionResult succeeded(const Expected<T>& result) {
  if (result) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result.error().str();
}

/// The result is an error of that code whose message has the fragment.
template <typename T>
::testing::AssertionResult fails_with(const Expected<T>& result, ErrorCode code, std::string_view fragment) {
  if (result) return ::testing::AssertionFailure() << "it succeeded; expected an error with: " << fragment;
  const Error& error = result.error();
  if (error.code != code)
    return ::testing::AssertionFailure() << "code '" << to_string(error.code) << "', expected '" << to_string(code)
                                         << "': " << error.str();
  if (error.message.find(fragment) == std::string::npos)
    return ::testing::AssertionFailure() << "expected '" << fragment << "' in: " << error.str();
  return ::testing::AssertionSuccess();
}

inline ::testing::AssertionResult same(const Array& a, const Array& b) {
  if (a.identical(b)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << a.str(50) << "\n differs from\n" << b.str(50);
}

/// One array of each element type, with its extreme values, then unusual shapes.
inline NamedArrays sample_arrays() {
  NamedArrays all;
  for (const DType dtype : kAllDTypes) {
    Array a(dtype, {2, 3});
    for (int64_t i = 0; i < 6; ++i) a.set_from_double(i, i == 5 ? 1e30 : i == 4 ? -1e30 : static_cast<double>(i));
    all.emplace_back(to_string(dtype), a);
  }
  all.emplace_back("scalar", Array::scalar<float>(2.5f));
  all.emplace_back("empty", Array(kFloat32, {3, 0, 2}));
  all.emplace_back("one", Array::of<int64_t>({1}, {-7}));
  all.emplace_back("cube", Array::of<int32_t>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
  return all;
}

inline std::string content_of(const std::filesystem::path& path) {
  return value_or_throw(read_text_file(path, uint64_t{1} << 30));
}

/// Without the syncs of write_file_atomic, which cost milliseconds.
inline void write_plain(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

/// The folder of real data sets, if this machine has it.
inline std::optional<std::filesystem::path> real_data() {
  const char* named = std::getenv("DLC_DATA_DIR");
  std::filesystem::path folder = named != nullptr ? named : DLC_SOURCE_DIR "/../shared/data";
  if (!std::filesystem::is_directory(folder)) return std::nullopt;
  return folder;
}

}  // namespace dlc::testing_data
