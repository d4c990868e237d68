// ZipReader: the members of a ZIP archive, one after the other, with limits against hostile files.
//
// The format is libzip's work: zip64, data descriptors, checksums, a consistent directory. (minizip, of
// zlib's authors, has fewer dependencies, but Debian 12's does not read zip64 sizes on 64-bit
// machines, and takes an archive whose end is cut off.) What libzip leaves to its caller is here:
// which compression methods we accept, how far a member may expand, and that names are sane.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "frontend/data/byte_source.h"
#include "support/expected.h"

namespace dlc {

class ZipReader {
 public:
  static Expected<ZipReader> open(const std::filesystem::path& path);
  /// The caller keeps `bytes` alive.
  static Expected<ZipReader> open(std::span<const std::byte> bytes, const std::string& name);
  ZipReader(ZipReader&&) noexcept;
  ~ZipReader();

  /// Goes to the next member (to the first one at first); false after the last one.
  Expected<bool> next();
  /// The current member's name, e.g. "weights/w.npy": never empty, absolute or with ".." in it.
  const std::string& member() const;
  /// The current member's bytes. Valid until next(); one at a time.
  Expected<std::unique_ptr<ByteSource>> open_member();

 private:
  struct State;
  explicit ZipReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Ok if `name` can be a member's name: not empty, at most 1,024 bytes, relative, without "..",
/// backslashes or control characters.
Expected<void> check_member_name(const std::string& archive, const std::string& name);

}  // namespace dlc
