// The k-th allocation of our own code fails, for every k, while a step is lowered, compiled and run: the
// run fails with an error, no variable changes, nothing is leaked, and the same session then runs the
// step as if nothing had happened. Each k is a process of its own, so that it finds nothing compiled.
//
// What is asked of the system itself, memory of arenas and of loaded code, goes through __wrap_aligned_alloc and
// __wrap_mmap (linker option --wrap) and is counted too.
//
// DLC_OUT_OF_MEMORY_STRIDE=N tries every N-th k (1: all of them, for hours under a sanitizer).
#include <dlfcn.h>
#include <execinfo.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <new>
#include <string_view>

#include "frontend/dlc.h"
#include "tests/testing/temp_dir.h"

#if defined(__SANITIZE_ADDRESS__)
#define DLC_FINDS_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DLC_FINDS_LEAKS 1
#endif
#endif
#ifdef DLC_FINDS_LEAKS
// The name is LeakSanitizer's.
extern "C" int
__lsan_do_recoverable_leak_check();  // NOLINT(bugprone-reserved-identifier,readability-identifier-naming)
#endif

namespace {

std::atomic<bool> counting{false};
std::atomic<int64_t> counted{0};
std::atomic<int64_t> fails_at{0};      // 0: none
std::atomic<bool> only_system{false};  // what goes past `operator new` alone is counted

/// Whether the caller of `operator new` works for another library, which may end the process when memory is
/// short: LLVM (and what emits for it, which would throw through it), oneTBB, initialisers of what they
/// need. Their parts of libstdc++'s templates may be this program's copies, so the whole stack is looked at.
bool called_by_another_library() {
  void* frames[128];
  const int n = backtrace(frames, 128);
  for (int i = 0; i < n; ++i) {
    Dl_info info{};
    if (dladdr(frames[i], &info) == 0 || info.dli_fname == nullptr) continue;
    const std::string_view path = info.dli_fname;
    const std::string_view name = path.substr(path.rfind('/') + 1);
    constexpr std::string_view kOurs[] = {"out_of_memory_test", "libstdc++.", "libfmt.", "libc.",
                                          "libgcc_s.",          "libzip.",    "libz.",   "libasan."};
    if (std::none_of(std::begin(kOurs), std::end(kOurs), [&](auto own) { return name.starts_with(own); })) return true;
  }
  return false;
}

// Names that the linker gives.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" void* __real_aligned_alloc(size_t alignment, size_t size);
extern "C" void* __real_mmap(void* at, size_t size, int protection, int flags, int file, off_t offset);
extern "C" void* __wrap_aligned_alloc(size_t alignment, size_t size) {
  if (!counting || ++counted != fails_at) return __real_aligned_alloc(alignment, size);
  errno = ENOMEM;
  return nullptr;
}
extern "C" void* __wrap_mmap(void* at, size_t size, int protection, int flags, int file, off_t offset) {
  if (!counting || ++counted != fails_at) return __real_mmap(at, size, protection, flags, file, offset);
  errno = ENOMEM;
  return MAP_FAILED;
}

void* allocate(size_t size, size_t alignment) {
  if (counting && !only_system && ++counted == fails_at && !called_by_another_library()) return nullptr;
  return alignment > 0 ? __real_aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                       : std::malloc(size > 0 ? size : 1);
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

void* allocate_or_throw(size_t size, size_t alignment) {
  if (void* const memory = allocate(size, alignment)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(size_t size) { return allocate_or_throw(size, 0); }
void* operator new[](size_t size) { return allocate_or_throw(size, 0); }
void* operator new(size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<size_t>(alignment));
}
void* operator new(size_t size, const std::nothrow_t&) noexcept { return allocate(size, 0); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return allocate(size, 0); }
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate(size, static_cast<size_t>(alignment));
}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // all of them are malloc and free
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
#pragma GCC diagnostic pop

namespace dlc {
namespace {

namespace fs = std::filesystem;

/// A training step with a product, a reduction, a check and an update.
struct Model {
  Model() {
    const auto scope = graph.as_default();
    const Tensor labels = placeholder(kInt32, {4}, "labels"), x = placeholder(kFloat32, {4, 8}, "x");
    w = variable(Array::full(kFloat32, {8, 3}, 0.125), "w");
    loss = reduce_mean(sparse_softmax_cross_entropy_with_logits({.labels = labels, .logits = matmul(x, w)}));
    train = MomentumOptimizer(0.5, 0.9).minimize(loss);
    init = global_variables_initializer();
    feeds = {{x, Array::full(kFloat32, {4, 8}, 0.5)}, {labels, Array::of<int32_t>({4}, {0, 1, 2, 1})}};
  }
  Graph graph;
  Tensor w, loss;
  Operation train, init;
  Feeds feeds;
};

enum Outcome { kDone, kRefused, kWrongError, kChanged, kWrongAfter, kLeaks };

/// One process: a session whose k-th allocation fails while it runs its first training step.
Outcome try_once(const std::string& cache, int64_t k) {
  const Model model;
  Session session(model.graph, {.num_threads = 2, .kernel_cache = cache, .lint = false});
  session.set_value(model.w, Array::full(kFloat32, {8, 3}, 0.125));
  for (const Tensor& v : model.graph.variables())
    if (!session.is_initialized(v)) session.set_value(v, Array::full(kFloat32, {8, 3}, 0));
  const Array before = session.value(model.w);
  Outcome outcome = kDone;
  counted = 0;
  fails_at = k;
  counting = true;
  float loss = 0;
  try {
    loss = session.run({model.train, model.loss}, model.feeds)[1].item<float>();
    fails_at = 0;
  } catch (const std::bad_alloc&) {
    fails_at = 0;
    outcome = kRefused;
  } catch (const Exception& e) {
    fails_at = 0;
    outcome = e.code() == ErrorCode::kResourceExhausted || e.code() == ErrorCode::kIo ? kRefused : kWrongError;
  }
  if (outcome == kWrongError) return outcome;
  if (outcome == kRefused) {
    if (!session.value(model.w).identical(before)) return kChanged;
    loss = session.run({model.train, model.loss}, model.feeds)[1].item<float>();
  }
  // Rows of 0.5 against equal columns: the loss is log 3, whatever the labels.
  if (!(std::abs(loss - 1.0986123f) < 1e-5f) || session.value(model.w).identical(before)) return kWrongAfter;
#ifdef DLC_FINDS_LEAKS
  if (__lsan_do_recoverable_leak_check() != 0) return kLeaks;
#endif
  return outcome;
}

/// How many allocations the step makes.
int64_t allocations_of_step(const std::string& cache) {
  int pipe_ends[2];
  EXPECT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const Outcome outcome = try_once(cache, 0);
    const int64_t n = outcome == kDone ? counted.load() : -outcome;
    _exit(write(pipe_ends[1], &n, sizeof n) == sizeof n ? 0 : 1);
  }
  int64_t n = 0;
  EXPECT_EQ(read(pipe_ends[0], &n, sizeof n), static_cast<ssize_t>(sizeof n));
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  return n;
}

class OutOfMemory : public ::testing::Test {
 protected:
  /// Every `stride`-th allocation, of which there are at least `least`; two processes at a time.
  void try_all(bool compiles, int64_t stride, int64_t least = 1000) {
#ifdef DLC_FINDS_LEAKS
    if (stride > 1) stride *= 20;  // the search for leaks takes most of the time
#endif
    if (const char* given = std::getenv("DLC_OUT_OF_MEMORY_STRIDE")) stride = std::max(1, std::atoi(given));
    const std::string cache = compiles ? "off" : folder_;
    if (!compiles) allocations_of_step(cache);  // kernels go to the disk
    const int64_t n = allocations_of_step(cache);
    ASSERT_GE(n, least);
    int64_t refused = 0, tried = 0;
    std::vector<std::pair<pid_t, int64_t>> running;
    const auto wait_for_first = [&] {
      const auto [child, k] = running.front();
      running.erase(running.begin());
      int status = 0;
      ASSERT_EQ(waitpid(child, &status, 0), child);
      EXPECT_TRUE(WIFEXITED(status)) << "allocation " << k << ": signal " << WTERMSIG(status);
      const int outcome = WEXITSTATUS(status);
      EXPECT_TRUE(outcome == kDone || outcome == kRefused) << "allocation " << k << ": outcome " << outcome;
      refused += outcome == kRefused;
      ++tried;
    };
    for (int64_t k = 1; k <= n && !HasFailure(); k += stride) {
      const pid_t child = fork();
      if (child == 0) _exit(try_once(cache, k));
      running.emplace_back(child, k);
      if (running.size() == 2) wait_for_first();
    }
    while (!running.empty()) wait_for_first();
    // Some are survived, such as those of a cache that then counts as empty, or are another library's.
    EXPECT_GE(refused, std::max<int64_t>(1, tried / 8)) << "of " << tried << " tried, " << n << " in all";
    std::printf("%lld allocations, %lld tried, %lld refused\n", static_cast<long long>(n),
                static_cast<long long>(tried), static_cast<long long>(refused));
  }

  const dlc::testing::TempDir temp_;
  const std::string folder_ = temp_.path();
};

TEST_F(OutOfMemory, LoweringPassesPlanLoadingAndRunning) { try_all(false, 11); }
TEST_F(OutOfMemory, Compiling) { try_all(true, 501); }
TEST_F(OutOfMemory, MemoryOfTheSystem) {
  only_system = true;
  for (const bool compiles : {false, true}) try_all(compiles, 1, 2);
  only_system = false;
}

}  // namespace
}  // namespace dlc
