// Ctrl-C for work that should end in good order.
#pragma once

namespace dlc::tools {

/// While it lives, the first SIGINT or SIGTERM is noted and does nothing else; the next one ends the process
/// as ever: who is tired of waiting presses Ctrl-C again. One at a time in the process.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// The signal that came, or 0.
  static int signal();
};

/// "SIGINT", "SIGTERM".
const char* signal_name(int signal);

/// Ends the process by the signal, when all is put away: a shell then sees that it was interrupted (its
/// $? is 128 + signal) and stops the loop that the command was part of, which an exit code would not do.
[[noreturn]] void end_by_signal(int signal);

}  // namespace dlc::tools
