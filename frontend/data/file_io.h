// Whole files: written so that a reader sees the old content or the new, never a half; read with a
// bound. Every message starts with the path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/expected.h"

namespace dlc {

/// A file that appears under its name only when it is complete:
///
///   DLC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::create("model.safetensors"));
///   DLC_RETURN_IF_ERROR(file.write(bytes));
///   DLC_RETURN_IF_ERROR(file.commit());
///
/// Bytes go to a temporary file in the same folder; commit() syncs it to disk, renames it over the
/// target and syncs the folder. Without commit() the temporary file is removed and the target is
/// as it was. A target that exists keeps its permissions; one that is a symbolic link is followed.
class AtomicFile {
 public:
  /// kIo if the folder cannot be written, or if the target exists and is not a regular file.
  static Expected<AtomicFile> create(const std::filesystem::path& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  /// Appends.
  Expected<void> write(std::span<const std::byte> bytes);
  Expected<void> write(std::string_view text) { return write(std::as_bytes(std::span(text.data(), text.size()))); }
  /// Overwrites or extends at `offset`; does not move the end that write() appends to, unless it passes it.
  Expected<void> write_at(uint64_t offset, std::span<const std::byte> bytes);
  uint64_t size() const { return size_; }
  Expected<void> commit();

 private:
  AtomicFile() = default;
  Error failed(std::string_view doing) const;
  void discard();

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int fd_ = -1;
  uint64_t size_ = 0;
};

/// Whether `name` is that of an AtomicFile's temporary file for a target whose own name starts with
/// `target_prefix`: what a process that was killed leaves.
bool is_temporary_name(std::string_view name, std::string_view target_prefix);

/// The three steps in one.
Expected<void> write_file_atomic(const std::filesystem::path& path, std::span<const std::byte> bytes);
Expected<void> write_file_atomic(const std::filesystem::path& path, std::string_view text);

/// All bytes of a regular file; kResourceExhausted if it has more than `max_bytes`.
Expected<std::vector<std::byte>> read_file(const std::filesystem::path& path, uint64_t max_bytes);
/// The same as text; no encoding is checked.
Expected<std::string> read_text_file(const std::filesystem::path& path, uint64_t max_bytes);

}  // namespace dlc
