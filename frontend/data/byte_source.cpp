#include "frontend/data/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

namespace dlc {

Error ByteSource::ends_early(uint64_t wanted, uint64_t left) const {
  return make_error(ErrorCode::kData, "{}: the data ends early: expected {} more bytes, found {}; the file is cut off",
                    name(), wanted, left);
}

Error ByteSource::trailing_bytes(uint64_t count) const {
  return make_error(ErrorCode::kData, "{}: {} bytes follow where the data should end", name(), count);
}

Expected<void> MemorySource::read(std::span<std::byte> out) {
  if (out.size() > bytes_.size()) return ends_early(out.size(), bytes_.size());
  if (!out.empty()) std::memcpy(out.data(), bytes_.data(), out.size());
  bytes_ = bytes_.subspan(out.size());
  return Ok{};
}

Expected<void> MemorySource::finish() {
  if (!bytes_.empty()) return trailing_bytes(bytes_.size());
  return Ok{};
}

Expected<std::unique_ptr<FileSource>> FileSource::open(const std::filesystem::path& path) {
  const std::string name = path.string();
  // O_NONBLOCK: opening a FIFO must not wait for a writer; it has no effect on regular files.
  const int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
    return make_error(code, "{}: cannot open for reading: {}", name, std::strerror(errno));
  }
  struct stat info = {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    return make_error(ErrorCode::kIo, "{}: expected a regular file, found {}", name,
                      S_ISDIR(info.st_mode) ? "a folder" : "something else");
  }
  return std::unique_ptr<FileSource>(new FileSource(name, fd, static_cast<uint64_t>(info.st_size)));
}

FileSource::~FileSource() { ::close(fd_); }

Expected<void> FileSource::read(std::span<std::byte> out) {
  if (out.size() > remaining_) return ends_early(out.size(), remaining_);
  while (!out.empty()) {
    const size_t chunk = std::min<size_t>(out.size(), size_t{1} << 30);  // Linux reads at most 2 GiB a call
    const ssize_t got = ::read(fd_, out.data(), chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return make_error(ErrorCode::kIo, "{}: cannot read: {}", name(), std::strerror(errno));
    if (got == 0) return ends_early(out.size(), 0);  // shortened while we read it
    out = out.subspan(static_cast<size_t>(got));
    remaining_ -= static_cast<uint64_t>(got);
  }
  return Ok{};
}

Expected<void> FileSource::finish() {
  if (remaining_ > 0) return trailing_bytes(remaining_);
  return Ok{};
}

Expected<void> FileSource::rewind() {
  if (::lseek(fd_, 0, SEEK_SET) != 0)
    return make_error(ErrorCode::kIo, "{}: cannot seek: {}", name(), std::strerror(errno));
  remaining_ = size_;
  return Ok{};
}

struct GzipSource::State {
  z_stream stream = {};
  std::array<std::byte, 1 << 16> input;
  bool ready = false;     // inflateInit2 succeeded
  bool finished = false;  // the last member ended
};

GzipSource::GzipSource(ByteSource& compressed)
    : ByteSource(compressed.name()), compressed_(compressed), state_(std::make_unique<State>()) {
  constexpr int kGzipWrapper = 16;
  state_->ready = inflateInit2(&state_->stream, MAX_WBITS + kGzipWrapper) == Z_OK;
}

GzipSource::~GzipSource() {
  if (state_->ready) inflateEnd(&state_->stream);
}

uint64_t GzipSource::max_remaining() const {
  const uint64_t pending = compressed_.max_remaining() + state_->stream.avail_in;
  uint64_t bound = 0;
  // What zlib holds back inside its window (at most 32 KiB) has left the input already.
  if (__builtin_mul_overflow(pending, kMaxDeflateRatio, &bound) || __builtin_add_overflow(bound, 1u << 15, &bound))
    return std::numeric_limits<uint64_t>::max();
  return bound;
}

Expected<size_t> GzipSource::inflate_some(std::span<std::byte> out) {
  State& s = *state_;
  if (!s.ready) return make_error(ErrorCode::kResourceExhausted, "{}: no memory to decompress", name());
  size_t done = 0;
  while (done < out.size() && !s.finished) {
    if (s.stream.avail_in == 0) {
      const size_t n = std::min<uint64_t>(s.input.size(), compressed_.max_remaining());
      if (n == 0) return make_error(ErrorCode::kData, "{}: the gzip stream ends early; the file is cut off", name());
      DLC_RETURN_IF_ERROR(compressed_.read({s.input.data(), n}));
      s.stream.next_in = reinterpret_cast<Bytef*>(s.input.data());
      s.stream.avail_in = static_cast<uInt>(n);
    }
    const size_t room = std::min<size_t>(out.size() - done, size_t{1} << 30);
    s.stream.next_out = reinterpret_cast<Bytef*>(out.data() + done);
    s.stream.avail_out = static_cast<uInt>(room);
    const int status = inflate(&s.stream, Z_NO_FLUSH);
    done += room - s.stream.avail_out;
    if (status == Z_STREAM_END) {
      // gzip files may be members laid end to end (gzip manual, "Advanced usage").
      s.finished = s.stream.avail_in == 0 && compressed_.max_remaining() == 0;
      if (!s.finished && inflateReset(&s.stream) != Z_OK)
        return make_error(ErrorCode::kInternal, "{}: cannot reset zlib", name());
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return make_error(ErrorCode::kData, "{}: damaged gzip data: {}", name(),
                        s.stream.msg != nullptr ? s.stream.msg : "unknown zlib error");
    }
  }
  return done;
}

Expected<void> GzipSource::read(std::span<std::byte> out) {
  DLC_ASSIGN_OR_RETURN(const size_t done, inflate_some(out));
  if (done < out.size()) return ends_early(out.size(), done);
  return Ok{};
}

Expected<void> GzipSource::finish() {
  // The trailer with the checksum is only read when zlib is asked for one byte more.
  std::byte extra{};
  DLC_ASSIGN_OR_RETURN(const size_t done, inflate_some({&extra, 1}));
  if (done > 0)
    return make_error(ErrorCode::kData, "{}: more data follows (after decompression) where it should end", name());
  return Ok{};
}

}  // namespace dlc
