// How long a process takes from its start to the first result of a training step, the compiler's work
// included: measured from outside, by processes of this program.
//
//   start/cold/NAME     nothing compiled before
//   start/cached/NAME   its kernels are in the cache on disk
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/training_steps.h"

namespace dlc::bench {

/// Nanoseconds of a clock that all processes share.
inline int64_t now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

/// What the measured process does: builds the graph, initialises the variables, runs one step, and
/// prints how many nanoseconds after `start` that was done.
inline int first_result(const std::string& name, int threads, const std::string& kernel_cache, int64_t start) {
  const std::optional<TrainingStep> step = training_step(name);
  if (!step) return 2;
  Session session(step->graph, {.num_threads = threads, .kernel_cache = kernel_cache});
  session.run(step->init);
  Feeds feeds;
  for (size_t i = 0; i < step->feeds.size(); ++i) feeds.emplace_back(step->feeds[i], step->values[i]);
  session.run(step->fetches, feeds);
  fmt::print("{}\n", now_ns() - start);
  std::fflush(stdout);
  return 0;
}

/// Starts one such process. Seconds to its first result; negative when it failed.
inline double start_once(const std::string& name, int threads, const std::string& kernel_cache) {
  int out[2];
  if (pipe2(out, O_CLOEXEC) != 0) return -1;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<std::string> arguments = {"bench_peer", "--first-result",        name, std::to_string(threads),
                                        kernel_cache, std::to_string(now_ns())};
  std::vector<char*> argv;
  for (std::string& a : arguments) argv.push_back(a.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const bool spawned = posix_spawn(&child, "/proc/self/exe", &actions, nullptr, argv.data(), environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  std::string text;
  char buffer[64];
  for (ssize_t n = 0; (n = read(out[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<size_t>(n));
  close(out[0]);
  int status = 0;
  if (!spawned || waitpid(child, &status, 0) != child || status != 0) return -1;
  return 1e-9 * std::strtod(text.c_str(), nullptr);
}

/// Seconds from start to first result of several processes, until `budget` seconds are used up and at
/// least five times. Empty when they fail.
inline std::vector<double> start_times(const std::string& name, bool cached, int threads, double budget) {
  std::string folder = (std::filesystem::temp_directory_path() / "dlc-bench-start-XXXXXX").string();
  if (cached && (mkdtemp(folder.data()) == nullptr || start_once(name, threads, folder) < 0)) return {};
  std::vector<double> samples;
  const int64_t begin = now_ns();
  while (samples.size() < 5 || (1e-9 * static_cast<double>(now_ns() - begin) < budget && samples.size() < 1000)) {
    samples.push_back(start_once(name, threads, cached ? folder : "off"));
    if (samples.back() < 0) {
      samples.clear();
      break;
    }
  }
  if (cached) std::filesystem::remove_all(folder);
  return samples;
}

}  // namespace dlc::bench
