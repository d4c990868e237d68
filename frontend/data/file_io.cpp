#include "frontend/data/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "frontend/data/byte_source.h"

namespace dlc {
namespace fs = std::filesystem;
namespace {

std::atomic<unsigned> next_temporary{0};
constexpr std::string_view kMark = ".tmp-";

/// A name beside `target` that no other process or thread of ours uses.
fs::path temporary_name(const fs::path& target) {
  // A name has 255 bytes at most; the target's own may use them all.
  const std::string stem = target.filename().string().substr(0, 200);
  return target.parent_path() /
         fmt::format(".{}{}{}-{}", stem, kMark, ::getpid(), next_temporary.fetch_add(1, std::memory_order_relaxed));
}

}  // namespace

bool is_temporary_name(std::string_view name, std::string_view target_prefix) {
  if (!name.starts_with('.') || !name.substr(1).starts_with(target_prefix)) return false;
  const size_t mark = name.rfind(kMark);
  return mark != std::string_view::npos &&
         name.substr(mark + kMark.size()).find_first_not_of("0123456789-") == std::string_view::npos;
}

Expected<AtomicFile> AtomicFile::create(const fs::path& path) {
  AtomicFile file;
  file.target_ = path;
  std::error_code code;
  if (fs::is_symlink(path, code)) {
    file.target_ = fs::canonical(path, code);
    if (code) return make_error(ErrorCode::kIo, "{}: the symbolic link leads nowhere", path.string());
  }

  struct stat info = {};
  const bool exists = ::stat(file.target_.c_str(), &info) == 0;
  // Renaming over a device such as /dev/null would replace the device itself.
  if (exists && !S_ISREG(info.st_mode))
    return make_error(ErrorCode::kIo, "{}: cannot write: expected a regular file or a new name, found {}",
                      path.string(), S_ISDIR(info.st_mode) ? "a folder" : "a device or a pipe");

  const fs::path temporary = temporary_name(file.target_);
  file.fd_ = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file.fd_ < 0)
    return make_error(ErrorCode::kIo, "{}: cannot create a file in folder '{}': {}", path.string(),
                      file.target_.has_parent_path() ? file.target_.parent_path().string() : ".", std::strerror(errno));
  file.temporary_ = temporary;
  if (exists && ::fchmod(file.fd_, info.st_mode & 07777) != 0) return file.failed("set the permissions of");
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_) {}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

Error AtomicFile::failed(std::string_view doing) const {
  return make_error(ErrorCode::kIo, "{}: cannot {} its temporary file: {}; the file is as it was before",
                    target_.string(), doing, std::strerror(errno));
}

Expected<void> AtomicFile::write(std::span<const std::byte> bytes) { return write_at(size_, bytes); }

Expected<void> AtomicFile::write_at(uint64_t offset, std::span<const std::byte> bytes) {
  DLC_CHECK(fd_ >= 0, "write to a committed file {}", target_.string());
  while (!bytes.empty()) {
    const size_t chunk = std::min<size_t>(bytes.size(), size_t{1} << 30);
    const ssize_t put = ::pwrite(fd_, bytes.data(), chunk, static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("write");
    bytes = bytes.subspan(static_cast<size_t>(put));
    offset += static_cast<uint64_t>(put);
    size_ = std::max(size_, offset);
  }
  return Ok{};
}

Expected<void> AtomicFile::commit() {
  DLC_CHECK(fd_ >= 0, "second commit of {}", target_.string());
  if (::fsync(fd_) != 0) return failed("sync");
  if (::close(std::exchange(fd_, -1)) != 0) return failed("close");
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) return failed("rename");
  temporary_.clear();

  // The rename itself lasts through a power cut only once the folder is on disk.
  const fs::path folder = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  const int dir = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // A folder may be writable yet not readable, and some file systems cannot sync one (EINVAL).
  if (dir < 0) return Ok{};
  const bool synced = ::fsync(dir) == 0 || errno == EINVAL;
  const int sync_errno = errno;
  ::close(dir);
  if (!synced)
    return make_error(ErrorCode::kIo, "{}: written, but its folder cannot be synced to disk: {}", target_.string(),
                      std::strerror(sync_errno));
  return Ok{};
}

Expected<void> write_file_atomic(const fs::path& path, std::span<const std::byte> bytes) {
  DLC_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::create(path));
  DLC_RETURN_IF_ERROR(file.write(bytes));
  return file.commit();
}

Expected<void> write_file_atomic(const fs::path& path, std::string_view text) {
  return write_file_atomic(path, std::as_bytes(std::span(text.data(), text.size())));
}

namespace {

template <typename Container>
Expected<Container> read_whole(const fs::path& path, uint64_t max_bytes) {
  DLC_ASSIGN_OR_RETURN(const std::unique_ptr<FileSource> file, FileSource::open(path));
  if (file->max_remaining() > max_bytes)
    return make_error(ErrorCode::kResourceExhausted, "{}: expected at most {} bytes, found {}", path.string(),
                      max_bytes, file->max_remaining());
  Container content;
  content.resize(static_cast<size_t>(file->max_remaining()));
  DLC_RETURN_IF_ERROR(file->read(std::as_writable_bytes(std::span(content.data(), content.size()))));
  return content;
}

}  // namespace

Expected<std::vector<std::byte>> read_file(const fs::path& path, uint64_t max_bytes) {
  return read_whole<std::vector<std::byte>>(path, max_bytes);
}

Expected<std::string> read_text_file(const fs::path& path, uint64_t max_bytes) {
  return read_whole<std::string>(path, max_bytes);
}

}  // namespace dlc
