// ByteSource: the bytes of an array file in order, wherever they lie (a file, memory, inside a gzip
// stream or a ZIP member), so that each format has one reader. Sources never trust a length: what a
// header claims is compared with max_remaining() before anything is allocated for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "support/expected.h"

namespace dlc {

class ByteSource {
 public:
  explicit ByteSource(std::string name) : name_(std::move(name)) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Fills `out` wholly with the next bytes; kData if fewer are left, kIo if the system refuses.
  virtual Expected<void> read(std::span<std::byte> out) = 0;
  /// No more bytes than this are left; exactly this many if `exact_size()`.
  virtual uint64_t max_remaining() const = 0;
  /// False for compressed data, whose length is only known at its end.
  virtual bool exact_size() const { return true; }
  /// To be called after the last read: kData if bytes are left over or a checksum is wrong.
  virtual Expected<void> finish() = 0;

  /// How messages call the source: the path, or "path, member 'x.npy'".
  const std::string& name() const { return name_; }

 protected:
  Error ends_early(uint64_t wanted, uint64_t left) const;
  Error trailing_bytes(uint64_t count) const;

 private:
  std::string name_;
};

/// Bytes in memory; the caller keeps them alive.
class MemorySource : public ByteSource {
 public:
  MemorySource(std::span<const std::byte> bytes, std::string name) : ByteSource(std::move(name)), bytes_(bytes) {}
  Expected<void> read(std::span<std::byte> out) override;
  uint64_t max_remaining() const override { return bytes_.size(); }
  Expected<void> finish() override;

 private:
  std::span<const std::byte> bytes_;
};

/// A regular file, read in order.
class FileSource : public ByteSource {
 public:
  /// kNotFound if there is no such file, kIo if it cannot be read or is not a regular file.
  static Expected<std::unique_ptr<FileSource>> open(const std::filesystem::path& path);
  ~FileSource() override;
  Expected<void> read(std::span<std::byte> out) override;
  uint64_t max_remaining() const override { return remaining_; }
  Expected<void> finish() override;
  /// Back to the first byte.
  Expected<void> rewind();

 private:
  FileSource(std::string name, int fd, uint64_t size)
      : ByteSource(std::move(name)), fd_(fd), size_(size), remaining_(size) {}
  int fd_;
  uint64_t size_;
  uint64_t remaining_;
};

/// The decompressed bytes of a gzip stream (one or more members, each with its checksum tested).
class GzipSource : public ByteSource {
 public:
  /// `compressed` must outlive this source.
  explicit GzipSource(ByteSource& compressed);
  ~GzipSource() override;
  Expected<void> read(std::span<std::byte> out) override;
  /// Deflate cannot expand by more than 1032 to 1.
  uint64_t max_remaining() const override;
  bool exact_size() const override { return false; }
  Expected<void> finish() override;

 private:
  struct State;
  /// Decompresses up to out.size() bytes; fewer only at the end of the stream.
  Expected<size_t> inflate_some(std::span<std::byte> out);
  ByteSource& compressed_;
  std::unique_ptr<State> state_;
};

/// The largest factor by which deflate can expand its input (zlib's technical notes).
inline constexpr uint64_t kMaxDeflateRatio = 1032;

}  // namespace dlc
