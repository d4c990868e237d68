// Counts what a program allocates, for contracts of performance (frontend/session/contracts.h). Include it in
// ONE source file of a test program: it stands in front of the C library's allocator (glibc's) for all that the
// program links, operator new included.
//
//   Callable step = session.prepare({train, loss}, feeds);
//   step(batch);                                 // threads start, and what is made once is made
//   AllocationCounter counter;
//   for (int i = 0; i < 100; ++i) step(batch);
//   require_allocations(counter, 0);
//
// Sanitizers have allocators of their own: then nothing is counted, and AllocationCounter::works() is false.
#pragma once

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "support/error.h"
#include "support/visibility.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DLC_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DLC_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef DLC_COUNTS_ALLOCATIONS
#define DLC_COUNTS_ALLOCATIONS 1
#endif

namespace dlc DLC_PUBLIC {

namespace allocations {

/// One allocation, and the calls that led to it.
struct Record {
  size_t bytes = 0;
  int depth = 0;
  std::array<void*, 24> frames{};
};
inline std::atomic<int64_t> total{0};
inline std::atomic<bool> recording{false};
inline std::atomic<size_t> num_records{0};
inline std::array<Record, 8> records;  ///< the first ones

inline void note(size_t bytes) noexcept {
  total.fetch_add(1, std::memory_order_relaxed);
  if (!recording.load(std::memory_order_relaxed)) return;
  thread_local bool inside = false;  // whoever records may allocate
  if (inside) return;
  inside = true;
  if (const size_t n = num_records.fetch_add(1); n < records.size()) {
    records[n].bytes = bytes;
    records[n].depth = backtrace(records[n].frames.data(), static_cast<int>(records[n].frames.size()));
  }
  inside = false;
}

/// "dlc::Session::run": the innermost call of a function of dlc that its library shows, else of any that has a name.
inline std::string place(const Record& record) {
  std::string named;
  for (int i = 0; i < record.depth; ++i) {
    Dl_info info{};
    if (dladdr(record.frames[static_cast<size_t>(i)], &info) == 0 || info.dli_sname == nullptr) continue;
    int status = 0;
    char* const demangled = abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status);
    const std::string name(status == 0 ? demangled : info.dli_sname);
    std::free(demangled);
    const std::string function = name.substr(0, name.find('('));
    if (function.starts_with("dlc::allocations::")) continue;
    if (function.starts_with("dlc::")) return function;
    const bool allocator = function.starts_with("operator new") || function == "malloc" || function == "calloc" ||
                           function == "realloc" || function.ends_with("alloc");
    if (named.empty() && !allocator) named = function;
  }
  return named.empty() ? "a function without a name (link with -rdynamic to see it)" : named;
}

}  // namespace allocations

/// Counts the allocations of all threads from when it is made. One at a time.
class AllocationCounter {
 public:
  AllocationCounter() {
    void* frame = nullptr;
    backtrace(&frame, 1);  // what it needs it loads now
    allocations::num_records = 0;
    first_ = allocations::total;
    allocations::recording = true;
  }
  ~AllocationCounter() { allocations::recording = false; }
  AllocationCounter(const AllocationCounter&) = delete;
  AllocationCounter& operator=(const AllocationCounter&) = delete;

  static constexpr bool works() { return DLC_COUNTS_ALLOCATIONS != 0; }
  int64_t count() const { return allocations::total - first_; }

 private:
  int64_t first_ = 0;
};

/// At most so many allocations since the counter was made; the reason is where the first ones were. Throws
/// kFailedPrecondition, and kUnimplemented where nothing is counted.
inline void require_allocations(const AllocationCounter& counter, int64_t most) {
  if (!AllocationCounter::works())
    throw Exception(make_error(ErrorCode::kUnimplemented, "allocations cannot be counted under a sanitizer"));
  const int64_t made = counter.count();
  if (made <= most) return;
  std::string text = fmt::format("there were {} allocations, at most {} were expected", made, most);
  const size_t kept = std::min(allocations::num_records.load(), allocations::records.size());
  for (size_t i = 0; i < kept; ++i)
    text += fmt::format("\n{} bytes in {}", allocations::records[i].bytes, allocations::place(allocations::records[i]));
  text +=
      "\nRemedy: Session::run makes arrays for what it returns; a step of Session::prepare allocates nothing, "
      "behind its first runs";
  throw Exception(make_error(ErrorCode::kFailedPrecondition, "{}", text));
}

}  // namespace dlc DLC_PUBLIC

#if DLC_COUNTS_ALLOCATIONS
// NOLINTBEGIN(misc-definitions-in-headers, bugprone-reserved-identifier): the allocator of the whole program.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

DLC_PUBLIC void* malloc(size_t size) {
  dlc::allocations::note(size);
  return __libc_malloc(size);
}
DLC_PUBLIC void* calloc(size_t count, size_t size) {
  dlc::allocations::note(count * size);
  return __libc_calloc(count, size);
}
DLC_PUBLIC void* realloc(void* old, size_t size) {
  dlc::allocations::note(size);
  return __libc_realloc(old, size);
}
DLC_PUBLIC void* aligned_alloc(size_t alignment, size_t size) {
  dlc::allocations::note(size);
  return __libc_memalign(alignment, size);
}
DLC_PUBLIC void* memalign(size_t alignment, size_t size) {
  dlc::allocations::note(size);
  return __libc_memalign(alignment, size);
}
DLC_PUBLIC int posix_memalign(void** result, size_t alignment, size_t size) {
  dlc::allocations::note(size);
  *result = __libc_memalign(alignment, size);
  return *result != nullptr ? 0 : ENOMEM;
}
}
// NOLINTEND(misc-definitions-in-headers, bugprone-reserved-identifier)
#endif
