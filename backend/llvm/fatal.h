// Keeping a fatal error of LLVM from ending the host process.
#pragma once

#include <optional>
#include <utility>

#include "support/expected.h"

namespace dlc::backend::native {

/// Once, at set-up. LLVM has one handler a process: a program that has its own installs it behind the first
/// compilation, and then gets dlc's fatal errors too. Errors of other users of LLVM end the process as usual.
void install_fatal_handler();

namespace internal {
/// Runs call(argument). False if LLVM reported a fatal error on this thread meanwhile: then the call
/// was left in the middle, and what it held is lost, not freed. The message is in `error`.
bool run_guarded(void (*call)(void*), void* argument, Error& error);
}  // namespace internal

/// The result of `f`, a callable without arguments that returns an Expected; or an Error of code
/// kInternal if LLVM gave up inside. `f` may hold no lock that others need.
template <typename F>
auto guarded(F&& f) -> decltype(f()) {
  using Result = decltype(f());
  struct Call {
    F& f;
    std::optional<Result> result;
  } call{f, {}};
  Error error;
  const bool finished = internal::run_guarded(
      [](void* p) {
        auto* c = static_cast<Call*>(p);
        c->result.emplace(c->f());
      },
      &call, error);
  if (!finished) return error;
  return std::move(*call.result);
}

}  // namespace dlc::backend::native
