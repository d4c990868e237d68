// Trace: a file of timed events that Perfetto (ui.perfetto.dev) and chrome://tracing show. One lane a
// thread; what is nested in time is nested on the screen.
//
//   DLC_ASSIGN_OR_RETURN(const std::shared_ptr<Trace> trace, Trace::open("step.json"));
//   { const TraceSpan span(trace.get(), "pass", "cse"); run_cse(...); }
//
// The file is JSON of the Chrome trace event format after every write: events are gathered, and each
// write replaces the closing bracket by events and a closing bracket. So a process that is killed
// leaves a file that can be read.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "support/expected.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

struct TraceEvent {
  using Clock = std::chrono::steady_clock;
  std::string_view category;  ///< "pass", "compile", "kernel", "chunk", "run"
  std::string_view name;
  Clock::time_point start, end;
  std::string_view args;  ///< what is shown with it: members of a JSON object, `"flops":12`; may be empty
  int thread = 0;         ///< Trace::this_thread() of the thread that it happened on
};

/// Thread-safe.
class Trace {
 public:
  using Clock = TraceEvent::Clock;
  /// Events beyond this many bytes are only counted; their number is the file's last event.
  static constexpr int64_t kMaxBytes = int64_t{64} << 20;

  /// Creates or empties the file. While somebody holds the trace of a path, opening the path again
  /// gives the same one. kIo when the file cannot be written.
  static Expected<std::shared_ptr<Trace>> open(const std::string& path, int64_t max_bytes = kMaxBytes);
  /// The trace that DLC_TRACE asks for, open until the process ends; null without it. A file that
  /// cannot be written is told to standard error once.
  static const std::shared_ptr<Trace>& of_process();

  /// Writes what is gathered. A disk that is full is told to standard error once, and ends the trace.
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  void add(const TraceEvent& event);
  /// Writes what is gathered; add() does it every 64 KiB and ten times a second.
  void flush();

  /// A small number for the calling thread, the same in all traces; 1 is the first that asked.
  static int this_thread();
  /// `s` as a JSON string, in quotes; bytes that are no UTF-8 become U+FFFD.
  static std::string json(std::string_view s);

 private:
  Trace(int file, std::string path, int64_t max_bytes);
  void append(const std::string& event);
  void write_gathered();

  const int file_;
  const std::string path_;
  const int64_t max_bytes_;
  const Clock::time_point origin_ = Clock::now();
  std::mutex mutex_;
  std::string gathered_;
  int64_t end_ = 0;  ///< bytes written, the closing bracket not counted
  int64_t dropped_ = 0;
  bool failed_ = false;
  Clock::time_point last_write_ = origin_;
  std::set<int> threads_;  ///< those whose lane has a name
};

/// An event from construction to destruction; nothing where the trace is null.
class TraceSpan {
 public:
  TraceSpan(Trace* trace, std::string_view category, std::string name)
      : trace_(trace), category_(category), name_(trace ? std::move(name) : std::string()) {
    if (trace_) start_ = Trace::Clock::now();
  }
  ~TraceSpan() {
    if (trace_) trace_->add({category_, name_, start_, Trace::Clock::now(), args_, Trace::this_thread()});
  }
  TraceSpan(const TraceSpan&) = delete;
  TraceSpan& operator=(const TraceSpan&) = delete;
  /// See TraceEvent::args.
  void set_args(std::string args) { args_ = std::move(args); }

 private:
  Trace* const trace_;
  const std::string_view category_;
  const std::string name_;
  std::string args_;
  Trace::Clock::time_point start_;
};

}  // namespace dlc DLC_PUBLIC
