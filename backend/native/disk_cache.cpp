#include "backend/native/disk_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "backend/native/hash.h"
#include "support/flags.h"

namespace dlc::backend::native {
namespace {

/// The beginning of a file; the key and the object follow.
struct Header {
  char magic[8];
  uint64_t checksum;  ///< of all that follows this field
  uint64_t key_bytes;
  uint64_t object_bytes;
};
constexpr char kMagic[8] = {'d', 'l', 'c', 'k', 'e', 'r', 'n', '1'};
constexpr size_t kChecked = offsetof(Header, key_bytes);
constexpr int64_t kLargestFile = int64_t{64} << 20;
constexpr const char* kTemporary = ".new-";
constexpr time_t kAbandoned = 3600;  ///< seconds after which a file under way belongs to a process that died

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { close(); }
  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

bool is_ours_alone(const struct stat& s) { return s.st_uid == geteuid() && (s.st_mode & (S_IWGRP | S_IWOTH)) == 0; }

bool read_all(int fd, char* to, size_t n) {
  while (n > 0) {
    const ssize_t got = read(fd, to, n);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    n -= static_cast<size_t>(got);
  }
  return true;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

std::string encode(std::string_view key, std::string_view object) {
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.key_bytes = key.size();
  header.object_bytes = object.size();
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes += key;
  bytes += object;
  header.checksum = hash64(std::string_view(bytes).substr(kChecked));
  std::memcpy(bytes.data() + offsetof(Header, checksum), &header.checksum, sizeof header.checksum);
  return bytes;
}

/// The object in the bytes of a file, if they are those of encode(key, object).
std::optional<std::string> decode(std::string bytes, std::string_view key) {
  Header header{};
  if (bytes.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 || header.key_bytes != key.size() ||
      bytes.size() - sizeof header < key.size() || header.object_bytes != bytes.size() - sizeof header - key.size() ||
      header.checksum != hash64(std::string_view(bytes).substr(kChecked)) ||
      std::string_view(bytes).substr(sizeof header, key.size()) != key)
    return std::nullopt;
  bytes.erase(0, sizeof header + key.size());
  return bytes;
}

std::string default_folder() {
  const auto absolute = [](const char* path) { return path != nullptr && path[0] == '/'; };
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); absolute(xdg)) return std::string(xdg) + "/dlc";
  if (const char* home = std::getenv("HOME"); absolute(home)) return std::string(home) + "/.cache/dlc";
  return "";
}

}  // namespace

DiskCache* DiskCache::get(const std::string& choice) {
  const DebugFlags& flags = debug_flags();
  std::string folder = !choice.empty() ? choice : flags.cache;
  if (folder == "off") return nullptr;
  if (folder.empty()) folder = default_folder();
  if (folder.empty()) return nullptr;
  static auto* const mutex = new std::mutex;
  static auto* const caches = new std::map<std::string, std::unique_ptr<DiskCache>>;
  const std::lock_guard lock(*mutex);
  std::unique_ptr<DiskCache>& cache = (*caches)[folder];
  if (!cache) cache = std::make_unique<DiskCache>(folder, int64_t{flags.cache_mb} << 20);
  return cache.get();
}

std::string DiskCache::path_of(std::string_view key) const {
  return fmt::format("{}/{:016x}{:016x}", folder_, hash64(key, 1), hash64(key, 2));
}

std::optional<std::string> DiskCache::find(std::string_view key) {
  struct stat folder{};
  if (stat(folder_.c_str(), &folder) != 0 || !is_ours_alone(folder)) return std::nullopt;
  const File file(open(path_of(key).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat s{};
  if (!file || fstat(file.fd(), &s) != 0 || !S_ISREG(s.st_mode) || !is_ours_alone(s) || s.st_size > kLargestFile)
    return std::nullopt;
  std::string bytes(static_cast<size_t>(s.st_size), '\0');
  if (!read_all(file.fd(), bytes.data(), bytes.size())) return std::nullopt;
  std::optional<std::string> object = decode(std::move(bytes), key);
  if (object) futimens(file.fd(), nullptr);  // used now; where that fails, it merely looks older
  return object;
}

bool DiskCache::make_folder() const {
  // Parents too: a new user has no ~/.cache. Each for its owner alone, as the XDG rules want it.
  for (size_t end = folder_.find('/', 1); end != std::string::npos; end = folder_.find('/', end + 1))
    mkdir(folder_.substr(0, end).c_str(), S_IRWXU);
  mkdir(folder_.c_str(), S_IRWXU);
  struct stat s{};
  return stat(folder_.c_str(), &s) == 0 && S_ISDIR(s.st_mode) && is_ours_alone(s);
}

void DiskCache::store(std::string_view key, std::string_view object) {
  static std::atomic<uint64_t> number{0};
  const std::string bytes = encode(key, object);
  if (static_cast<int64_t>(bytes.size()) > std::min(kLargestFile, limit_ / 4) || !make_folder()) return;
  const std::string temporary = fmt::format("{}/{}{}-{}", folder_, kTemporary, getpid(), number++);
  File file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) return;
  if (!write_all(file.fd(), bytes) || !file.close() || std::rename(temporary.c_str(), path_of(key).c_str()) != 0) {
    unlink(temporary.c_str());
    return;
  }
  const bool never_counted = written_.load() < 0;
  if (never_counted) written_ = 0;
  if ((written_ += static_cast<int64_t>(bytes.size())) > limit_ / 16 || never_counted) {
    written_ = 0;
    remove_oldest();
  }
}

void DiskCache::remove_oldest() const {
  struct Found {
    struct timespec used;
    int64_t bytes;
    std::string path;
  };
  std::vector<Found> files;
  int64_t total = 0;
  DIR* const folder = opendir(folder_.c_str());
  if (!folder) return;
  const time_t now = std::time(nullptr);
  while (const dirent* entry = readdir(folder)) {
    const std::string_view name = entry->d_name;
    const std::string path = fmt::format("{}/{}", folder_, name);
    struct stat s{};
    if (lstat(path.c_str(), &s) != 0 || !S_ISREG(s.st_mode)) continue;
    if (name.starts_with(kTemporary)) {
      if (s.st_mtim.tv_sec + kAbandoned < now) unlink(path.c_str());
      continue;
    }
    // Nothing but what is ours by its name: the folder may be one that a user keeps other things in.
    if (name.size() != 32 || name.find_first_not_of("0123456789abcdef") != std::string_view::npos) continue;
    files.push_back({s.st_mtim, s.st_size, path});
    total += s.st_size;
  }
  closedir(folder);
  if (total <= limit_) return;
  std::sort(files.begin(), files.end(), [](const Found& a, const Found& b) {
    return std::pair(a.used.tv_sec, a.used.tv_nsec) < std::pair(b.used.tv_sec, b.used.tv_nsec);
  });
  // Down to three quarters, so that this is rare. Another process may be doing the same: a file that is
  // gone already is as good as removed.
  for (const Found& file : files) {
    if (total <= limit_ / 4 * 3) break;
    unlink(file.path.c_str());
    total -= file.bytes;
  }
}

}  // namespace dlc::backend::native
