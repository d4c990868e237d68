#include "runtime/parallel.h"

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <utility>

#include "runtime/generated_code.h"
#include "runtime/helpers.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#define DLC_LEAK_SANITIZER
#endif
#endif

namespace dlc::runtime {
namespace {

using Clock = std::chrono::steady_clock;

// How long a helper without work keeps looking before it gives its thread back, and how long a
// caller looks for the last chunk of its region before it sleeps. A step's regions follow each
// other within microseconds; waking a sleeping thread costs about thirty.
constexpr auto kHelperPatience = std::chrono::microseconds(100);
constexpr auto kCallerPatience = std::chrono::microseconds(50);

// True while this thread runs a chunk: regions do not nest.
thread_local bool inside_chunk = false;

/// Spins until `done()` or until `patience` has passed; returns done().
template <typename Done>
bool spin(std::chrono::microseconds patience, Done done) {
  constexpr int kLooksPerClock = 16;  // reading the clock costs as much as a few pauses
  const Clock::time_point deadline = Clock::now() + patience;
  do {
    for (int i = 0; i < kLooksPerClock; ++i) {
      if (done()) return true;
      _mm_pause();
    }
  } while (Clock::now() < deadline);
  return done();
}

struct Task {
  dlc_context* context = nullptr;
  dlc_task_fn fn = nullptr;
  void* closure = nullptr;
  int64_t n_chunks = 0;
  FpMode mode = FpMode::kFlushSubnormals;
};

/// One region at a time. Helpers enter and leave; `task` may be read only inside, and the caller
/// changes it only when nobody is.
class alignas(64) Slot {
 public:
  void open(const Task& task) {
    task_ = task;
    next_.store(0, std::memory_order_relaxed);
    state_.store(kOpen, std::memory_order_release);
  }

  /// A helper's way in; false when the region is over.
  bool enter() {
    uint32_t state = state_.load(std::memory_order_relaxed);
    do {
      if (!(state & kOpen)) return false;
    } while (!state_.compare_exchange_weak(state, state + 1, std::memory_order_acquire, std::memory_order_relaxed));
    return true;
  }

  void leave() {
    const uint32_t before = state_.fetch_sub(1, std::memory_order_release);
    if (before == (kCallerSleeps | 1)) state_.notify_all();
  }

  /// Runs chunks until none is left.
  DLC_CALLS_GENERATED_CODE void drain() {
    const Task task = task_;
    int64_t chunk = next_.fetch_add(1, std::memory_order_relaxed);
    if (chunk >= task.n_chunks) return;
    const FpStateGuard fp(task.mode);
    const bool outer = std::exchange(inside_chunk, true);
    do {
      task.fn(task.context, chunk, task.closure);
      chunk = next_.fetch_add(1, std::memory_order_relaxed);
    } while (chunk < task.n_chunks);
    inside_chunk = outer;
  }

  /// The caller, when no chunk is left: lets nobody in any more and waits for those inside.
  void close_and_wait() {
    state_.fetch_and(~kOpen, std::memory_order_relaxed);
    if (spin(kCallerPatience, [&] { return state_.load(std::memory_order_acquire) == 0; })) return;
    uint32_t state = state_.fetch_or(kCallerSleeps, std::memory_order_acquire) | kCallerSleeps;
    while (state != kCallerSleeps) {
      state_.wait(state, std::memory_order_acquire);
      state = state_.load(std::memory_order_acquire);
    }
    state_.store(0, std::memory_order_relaxed);
  }

 private:
  // The state is the number of helpers inside and two flags. 32 bits: std::atomic sleeps on it
  // with a futex of its own rather than one shared with strangers.
  static constexpr uint32_t kOpen = 1u << 31;
  static constexpr uint32_t kCallerSleeps = 1u << 30;

  std::atomic<uint32_t> state_{0};
  Task task_;
  alignas(64) std::atomic<int64_t> next_{0};
};

}  // namespace

/// Open regions are a bit mask over slots, the one word that waiting helpers watch. Helpers are
/// counted from the summons to their end, so that a caller knows whether to summon more; a helper
/// that gives up looks once more after it has left the count, so that no region is overlooked.
class ThreadPool::Impl final : public HelperWork, public std::enable_shared_from_this<Impl> {
 public:
  Impl(const ThreadPoolOptions& options, int num_helpers)
      : num_helpers_(num_helpers), source_(make_helper_source(options, num_helpers)) {}

  /// False when every slot is taken: then the caller runs alone.
  bool run(const Task& task) {
    const int index = claim_slot();
    if (index < 0) return false;
    Slot& slot = slots_[index];
    slot.open(task);
    open_.fetch_or(bit(index), std::memory_order_seq_cst);
    summon(static_cast<int>(std::min<int64_t>(num_helpers_, task.n_chunks - 1)));
    slot.drain();
    open_.fetch_and(~bit(index), std::memory_order_relaxed);
    slot.close_and_wait();
    claimed_.fetch_and(~bit(index), std::memory_order_release);
    return true;
  }

  void help() noexcept override {
    do {
      while (spin(kHelperPatience, [&] { return open_.load(std::memory_order_relaxed) != 0 || stopped(); })) {
        if (stopped()) break;
        serve_open_regions();
      }
      active_.fetch_sub(1, std::memory_order_seq_cst);
    } while (open_.load(std::memory_order_seq_cst) != 0 && !stopped() && count_in());
  }

  /// The pool's last word: helpers end, and the source gives its threads back, which may wait for them.
  void stop() {
    stopped_.store(true, std::memory_order_relaxed);
    source_->end();
#ifdef DLC_LEAK_SANITIZER
    // Helpers that have not come by now own the pool from memory of oneTBB, where LeakSanitizer does not look; the
    // process may end before they do.
    if (active_.load(std::memory_order_relaxed) > 0) __lsan_ignore_object(this);
#endif
  }

 private:
  static constexpr int kNumSlots = 32;
  static uint64_t bit(int index) { return uint64_t{1} << index; }
  static uint64_t slot_bit(uint64_t mask) { return mask & (~mask + 1); }
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

  int claim_slot() {
    uint64_t claimed = claimed_.load(std::memory_order_relaxed);
    while (true) {
      const int index = std::countr_one(claimed);
      if (index >= kNumSlots) return -1;
      if (claimed_.compare_exchange_weak(claimed, claimed | bit(index), std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
        return index;
      }
    }
  }

  void serve_open_regions() {
    for (uint64_t open = open_.load(std::memory_order_relaxed); open != 0; open &= open - 1) {
      Slot& slot = slots_[std::countr_zero(open)];
      if (!slot.enter()) continue;
      slot.drain();
      // No chunk is left: nobody need look here again, though chunks may run on for long. Only
      // from inside may the bit be cleared: the slot cannot have passed to the next region.
      open_.fetch_and(~slot_bit(open), std::memory_order_relaxed);
      slot.leave();
    }
  }

  void summon(int wanted) {
    for (int n = active_.load(std::memory_order_seq_cst); n < wanted; ++n) {
      if (!count_in()) return;
      try {
        source_->summon(shared_from_this());
      } catch (...) {
        // No thread is to be had, and the caller, compiled code, knows no exceptions: it does all the work. The helper
        // stays counted, so that nobody asks again.
        return;
      }
    }
  }

  bool count_in() {
    int active = active_.load(std::memory_order_relaxed);
    do {
      if (active >= num_helpers_) return false;
    } while (!active_.compare_exchange_weak(active, active + 1, std::memory_order_seq_cst));
    return true;
  }

  const int num_helpers_;
  const std::unique_ptr<HelperSource> source_;
  alignas(64) std::atomic<uint64_t> open_{0};
  std::atomic<bool> stopped_{false};
  alignas(64) std::atomic<uint64_t> claimed_{0};
  std::atomic<int> active_{0};
  Slot slots_[kNumSlots];
};

ThreadPool::ThreadPool(ThreadPoolOptions options) : num_threads_(resolve_num_threads(options)) {
  if (num_threads_ > 1) impl_ = std::make_shared<Impl>(options, num_threads_ - 1);
}

ThreadPool::~ThreadPool() {
  if (impl_) impl_->stop();
}

void ThreadPool::parallel_for(dlc_context* context, int64_t n_chunks, dlc_task_fn fn, void* closure, FpMode mode) {
  if (impl_ && n_chunks > 1 && !inside_chunk && impl_->run({context, fn, closure, n_chunks, mode})) return;
  serial_for(context, n_chunks, fn, closure, mode);
}

DLC_CALLS_GENERATED_CODE void serial_for(dlc_context* context, int64_t n_chunks, dlc_task_fn fn, void* closure,
                                         FpMode mode) {
  if (n_chunks <= 0) return;
  const FpStateGuard fp(mode);
  const bool outer = std::exchange(inside_chunk, true);
  for (int64_t chunk = 0; chunk < n_chunks; ++chunk) fn(context, chunk, closure);
  inside_chunk = outer;
}

}  // namespace dlc::runtime
