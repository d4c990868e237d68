#include "backend/llvm/fatal.h"

#include <llvm/Support/ErrorHandling.h>

#include <csetjmp>
#include <cstdio>

namespace dlc::backend::native {
namespace {

/// Where the thread goes when LLVM gives up; null outside of run_guarded.
struct Recovery {
  std::jmp_buf place;
  char message[512] = {};
};
thread_local Recovery* recovery = nullptr;

// LLVM is built without exceptions, so nothing may unwind through it; when its handler returns, it
// ends the process. What remains is a jump that leaves LLVM's objects where they are.
void on_fatal_error(void*, const char* reason, bool) {
  Recovery* const r = recovery;
  if (!r) {
    // Not ours: the process uses LLVM itself. What LLVM says and does where there is no handler.
    std::fprintf(stderr, "LLVM ERROR: %s\n", reason);
    return;
  }
  recovery = nullptr;
  std::snprintf(r->message, sizeof r->message, "%s", reason);
  std::longjmp(r->place, 1);  // NOLINT(cert-err52-cpp)
}

}  // namespace

void install_fatal_handler() { llvm::install_fatal_error_handler(on_fatal_error); }

bool internal::run_guarded(void (*call)(void*), void* argument, Error& error) {
  struct Scope {
    Recovery here;
    Recovery* outer = recovery;
    ~Scope() { recovery = outer; }  // also when `call` throws
  } scope;
  recovery = &scope.here;
  if (setjmp(scope.here.place) == 0) {  // NOLINT(cert-err52-cpp)
    call(argument);
    return true;
  }
  error = make_error(ErrorCode::kInternal, "LLVM gave up: {}", scope.here.message);
  return false;
}

}  // namespace dlc::backend::native
