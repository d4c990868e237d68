#include "tools/dlc/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace dlc::tools {

std::string duration_str(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const int64_t whole = static_cast<int64_t>(seconds);
  return fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

Progress::Progress(std::string what, int64_t total)
    : what_(std::move(what)),
      total_(std::max<int64_t>(total, 1)),
      terminal_(isatty(STDOUT_FILENO) != 0),
      start_(Clock::now()),
      last_(start_) {}

std::string Progress::eta(int64_t done) const {
  const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
  return duration_str(elapsed / static_cast<double>(std::max<int64_t>(done, 1)) * static_cast<double>(total_ - done));
}

void Progress::step(int64_t done, const std::string& status) {
  const auto now = Clock::now();
  const auto wait = terminal_ ? std::chrono::milliseconds(100) : std::chrono::seconds(10);
  if (now - last_ < wait) return;
  last_ = now;
  if (!terminal_) {
    fmt::print("{} {}/{} {} ETA {}\n", what_, done, total_, status, eta(done));
    std::fflush(stdout);
    return;
  }
  constexpr int64_t kWidth = 30;
  const int64_t filled = kWidth * done / total_;
  std::string bar(static_cast<size_t>(filled), '=');
  if (filled < kWidth) bar += '>';
  bar.resize(kWidth, ' ');
  fmt::print("\r\033[K{} [{}] {:3}% {} ETA {}", what_, bar, 100 * done / total_, status, eta(done));
  std::fflush(stdout);
  drawn_ = true;
}

void Progress::clear() {
  if (drawn_) fmt::print("\r\033[K");
  drawn_ = false;
}

void Progress::line(const std::string& text) {
  clear();
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

void Progress::finish() {
  clear();
  std::fflush(stdout);
}

}  // namespace dlc::tools
