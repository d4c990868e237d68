// DLC_CHECK: an invariant of our own that no input can reach. Always on. A broken one throws an
// Exception of code kInternal: a library does not kill its host.
#pragma once

#include <fmt/core.h>

#include <string>

#include "support/visibility.h"

namespace dlc DLC_PUBLIC {

/// Throws Exception{kInternal} with the place and the condition's text.
[[noreturn]] void check_failed(const char* file, int line, const char* condition, const std::string& message);

}  // namespace dlc DLC_PUBLIC

#define DLC_CHECK(condition, ...)                                                    \
  do {                                                                               \
    if (!(condition)) [[unlikely]]                                                   \
      ::dlc::check_failed(__FILE__, __LINE__, #condition, fmt::format(__VA_ARGS__)); \
  } while (false)

#ifdef NDEBUG
#define DLC_DCHECK(condition, ...) \
  do {                             \
  } while (false)
#else
#define DLC_DCHECK(condition, ...) DLC_CHECK(condition, __VA_ARGS__)
#endif

/// For the end of a switch that covers every enumerator.
#define DLC_UNREACHABLE(...) ::dlc::check_failed(__FILE__, __LINE__, "unreachable", fmt::format(__VA_ARGS__))
