#include "support/trace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>

#include "support/flags.h"

namespace dlc {
namespace {

constexpr std::string_view kHead = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
constexpr std::string_view kTail = "\n]}\n";
constexpr size_t kGather = 64 << 10;
constexpr auto kLongestUnwritten = std::chrono::milliseconds(100);

/// The length of the UTF-8 sequence that `s` begins with; 0 when it begins with none.
size_t utf8_length(std::string_view s) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = at(0);
  const size_t n = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : (lead & 0xf0) == 0xe0 ? 3 : 0;
  const size_t length = n > 0 ? n : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  if (length == 0 || s.size() < length) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((at(i) & 0xc0) != 0x80) return 0;
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if ((lead == 0xe0 && at(1) < 0xa0) || (lead == 0xed && at(1) > 0x9f)) return 0;
  if ((lead == 0xf0 && at(1) < 0x90) || (lead == 0xf4 && at(1) > 0x8f)) return 0;
  return length;
}

/// Open traces by path.
struct Registry {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<Trace>> traces;
  static Registry& instance() {
    static auto* const registry = new Registry;  // outlives traces in static storage
    return *registry;
  }
};

}  // namespace

Expected<std::shared_ptr<Trace>> Trace::open(const std::string& path, int64_t max_bytes) {
  Registry& registry = Registry::instance();
  const std::lock_guard lock(registry.mutex);
  if (auto held = registry.traces[path].lock()) return held;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) return make_error(ErrorCode::kIo, "cannot write trace '{}': {}", path, std::strerror(errno));
  // Two that write one file would make nonsense of it. The kernel lets go of the lock when its process ends.
  if (::flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(file);
    return make_error(ErrorCode::kFailedPrecondition,
                      "cannot write trace '{}': another process is writing it; give each a file of its own", path);
  }
  // What is no regular file, /dev/null say, has no length to cut.
  if (::ftruncate(file, 0) != 0 && errno != EINVAL) {
    Error error = make_error(ErrorCode::kIo, "cannot write trace '{}': {}", path, std::strerror(errno));
    ::close(file);
    return error;
  }
  std::shared_ptr<Trace> trace(new Trace(file, path, max_bytes));
  trace->flush();
  registry.traces[path] = trace;
  return trace;
}

const std::shared_ptr<Trace>& Trace::of_process() {
  static const std::shared_ptr<Trace> trace = [] {
    const std::string& path = debug_flags().trace;
    if (path.empty()) return std::shared_ptr<Trace>();
    Expected<std::shared_ptr<Trace>> opened = open(path);
    if (!opened) fmt::print(stderr, "dlc: DLC_TRACE: {}\n", opened.error().message);
    return opened ? *std::move(opened) : std::shared_ptr<Trace>();
  }();
  return trace;
}

Trace::Trace(int file, std::string path, int64_t max_bytes)
    : file_(file), path_(std::move(path)), max_bytes_(max_bytes), gathered_(kHead) {
  append(fmt::format(R"({{"ph":"M","pid":{},"name":"process_name","args":{{"name":"dlc"}}}})", getpid()));
}

Trace::~Trace() {
  if (dropped_ > 0) {
    const double us = std::chrono::duration<double, std::micro>(Clock::now() - origin_).count();
    append(fmt::format(
        R"({{"ph":"i","s":"g","pid":{},"tid":0,"ts":{:.3f},"name":"{} events dropped: the limit is {} bytes"}})",
        getpid(), us, dropped_, max_bytes_));
  }
  write_gathered();
  ::close(file_);
}

void Trace::append(const std::string& event) {
  // The first event of the file has no comma before it.
  if (gathered_.size() != kHead.size() || end_ > 0) gathered_ += ',';
  gathered_ += '\n';
  gathered_ += event;
}

void Trace::add(const TraceEvent& e) {
  const auto us = [](Clock::duration d) { return std::chrono::duration<double, std::micro>(d).count(); };
  const std::string text =
      fmt::format(R"({{"ph":"X","pid":{},"tid":{},"cat":"{}","name":{},"ts":{:.3f},"dur":{:.3f},"args":{{{}}}}})",
                  getpid(), e.thread, e.category, json(e.name), us(e.start - origin_), us(e.end - e.start), e.args);
  const std::lock_guard lock(mutex_);
  if (end_ + static_cast<int64_t>(gathered_.size() + text.size()) > max_bytes_) {
    ++dropped_;
    return;
  }
  if (threads_.insert(e.thread).second)
    append(fmt::format(R"({{"ph":"M","pid":{},"tid":{},"name":"thread_name","args":{{"name":"thread {}"}}}})", getpid(),
                       e.thread, e.thread));
  append(text);
  if (gathered_.size() >= kGather || e.end - last_write_ >= kLongestUnwritten) write_gathered();
}

void Trace::flush() {
  const std::lock_guard lock(mutex_);
  write_gathered();
}

void Trace::write_gathered() {
  last_write_ = Clock::now();
  if (failed_ || gathered_.empty()) return;
  const std::string bytes = gathered_ + std::string(kTail);
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::pwrite(file_, bytes.data() + done, bytes.size() - done, end_ + static_cast<int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      failed_ = true;
      fmt::print(stderr, "dlc: cannot write trace '{}': {}\n", path_, std::strerror(errno));
      return;
    }
    done += static_cast<size_t>(n);
  }
  end_ += static_cast<int64_t>(gathered_.size());
  gathered_.clear();
}

int Trace::this_thread() {
  static std::atomic<int> next{1};
  thread_local const int number = next++;
  return number;
}

std::string Trace::json(std::string_view s) {
  std::string out = "\"";
  while (!s.empty()) {
    const size_t n = utf8_length(s);
    const auto c = static_cast<unsigned char>(s.front());
    if (n == 0)
      out += "\xef\xbf\xbd";
    else if (c == '"' || c == '\\')
      (out += '\\') += s.front();
    else if (c < 0x20)
      out += fmt::format("\\u{:04x}", c);
    else
      out += s.substr(0, n);
    s.remove_prefix(std::max<size_t>(1, n));
  }
  return out + "\"";
}

}  // namespace dlc
