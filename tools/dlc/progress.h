// Progress of long work: a bar on a terminal, plain lines in a pipe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace dlc::tools {

class Progress {
 public:
  /// `total` steps in all.
  Progress(std::string what, int64_t total);
  /// Call after every step; draws at most ten times a second, in a pipe a line every ten seconds.
  void step(int64_t done, const std::string& status);
  /// A line that stays.
  void line(const std::string& text);
  /// Removes the bar.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  std::string eta(int64_t done) const;
  void clear();

  std::string what_;
  int64_t total_;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point start_, last_;
};

/// "1.5 s", "2 min 05 s".
std::string duration_str(double seconds);

}  // namespace dlc::tools
