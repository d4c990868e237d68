// The dlc tool as a process of its own, for tests of what it says and of what becomes of it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dlc::testing {

/// How a process ended.
struct Ended {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;
};

/// A running dlc. Its output goes to the files `out` and `err` of its folder.
class Tool {
 public:
  /// Starts `dlc ARGS...` in `folder`. `max_file_bytes`: files do not grow beyond; then writing
  /// fails as on a full disk.
  Tool(std::filesystem::path folder, const std::vector<std::string>& args,
       std::optional<size_t> max_file_bytes = std::nullopt);
  /// Kills it if it still runs.
  ~Tool();
  Tool(const Tool&) = delete;
  Tool& operator=(const Tool&) = delete;

  void send(int signal);
  bool running();
  Ended wait();
  /// What it has printed so far.
  std::string out() const;
  std::string err() const;

 private:
  std::filesystem::path folder_;
  pid_t pid_ = -1;
  std::optional<Ended> ended_;
};

}  // namespace dlc::testing
