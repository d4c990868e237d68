// Interrupt: what may end work before it is done: a request of another thread, or a deadline.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "support/expected.h"
#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

struct Interrupt {
  using Clock = std::chrono::steady_clock;
  /// `request_stop()` of its std::stop_source ends the work with kCancelled.
  std::stop_token cancel = {};
  /// Work that is not done by then ends with kResourceExhausted.
  std::optional<Clock::time_point> deadline = {};

  /// Whether either can ever happen.
  bool possible() const { return deadline || cancel.stop_possible(); }
  /// Whether either has happened; once true, it stays so.
  bool happened() const { return cancel.stop_requested() || (deadline && Clock::now() >= *deadline); }
  /// Which of them ended the work.
  Error error() const;
  /// error(), if it happened.
  Expected<void> check() const { return happened() ? Expected<void>(error()) : Expected<void>(); }
};

}  // namespace dlc DLC_PUBLIC
