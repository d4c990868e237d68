#ifndef DLC_STD_PARALLEL

#include <sched.h>
#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/task_arena.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "runtime/affinity.h"
#include "runtime/helpers.h"

namespace dlc::runtime {
namespace {

/// Binds the worker in slot k of an arena to the CPU k + 1 places after the one that the arena was
/// made on, where the unbound caller is likely to stay. A worker stays bound between regions, asleep
/// too (else it would wake on the caller's CPU and have to move), until the pool goes.
class Binding {
 public:
  explicit Binding(std::vector<int> cpus) : cpus_(std::move(cpus)) {
    const auto here = std::find(cpus_.begin(), cpus_.end(), sched_getcpu());
    if (here != cpus_.end()) std::rotate(cpus_.begin(), here, cpus_.end());
    threads_.reserve(cpus_.size());  // a worker arrives in the middle of a step, which allocates nothing
  }

  void apply(int slot) {
    thread_local uint64_t bound_by = 0;
    if (slot < 0 || bound_by == id_) return;
    const std::lock_guard lock(mutex_);
    if (undone_) return;
    bind_thread(0, std::span(cpus_).subspan(static_cast<size_t>(slot + 1) % cpus_.size(), 1));
    bound_by = id_;
    // A worker that serves two pools in turn comes back bound by the other.
    const pid_t thread = gettid();
    if (std::find(threads_.begin(), threads_.end(), thread) == threads_.end()) threads_.push_back(thread);
  }

  void undo() {
    const std::lock_guard lock(mutex_);
    undone_ = true;
    for (const pid_t thread : threads_) bind_thread(thread, cpus_);
  }

 private:
  static uint64_t next_id() {
    static std::atomic<uint64_t> last{0};
    return ++last;
  }

  const uint64_t id_ = next_id();
  std::vector<int> cpus_;
  std::mutex mutex_;
  std::vector<pid_t> threads_;
  bool undone_ = false;
};

class OwnedArena final : public HelperSource {
 public:
  OwnedArena(int num_helpers, bool bind) : arena_(std::in_place, num_helpers, /*reserved_for_masters=*/0) {
    // oneTBB starts no more threads than the machine has CPUs unless it is told to.
    const int num_threads = num_helpers + 1;
    if (num_threads > tbb::info::default_concurrency()) {
      allow_.emplace(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(num_threads));
    }
    std::vector<int> cpus = allowed_cpus();
    if (bind && static_cast<int>(cpus.size()) >= num_threads) binding_.emplace(std::move(cpus));
  }

  void summon(std::shared_ptr<HelperWork> work) override {
    arena_->enqueue([work = std::move(work), this] {
      if (binding_) binding_->apply(tbb::this_task_arena::current_thread_index());
      work->help();
    });
  }

  void end() noexcept override {
    if (binding_) binding_->undo();
    arena_.reset();
    allow_.reset();
  }

 private:
  std::optional<tbb::global_control> allow_;
  std::optional<tbb::task_arena> arena_;
  std::optional<Binding> binding_;
};

class UsersArena final : public HelperSource {
 public:
  explicit UsersArena(tbb::task_arena& arena) : arena_(arena) {}
  void summon(std::shared_ptr<HelperWork> work) override {
    arena_.enqueue([work = std::move(work)] { work->help(); });
  }
  void end() noexcept override {}

 private:
  tbb::task_arena& arena_;
};

/// Makes the source when it is first needed: a session whose programs have no region never
/// touches oneTBB.
class LazySource final : public HelperSource {
 public:
  LazySource(const ThreadPoolOptions& options, int num_helpers) : options_(options), num_helpers_(num_helpers) {}

  void summon(std::shared_ptr<HelperWork> work) override {
    std::call_once(once_, [&] {
      if (options_.task_arena) {
        source_ = std::make_unique<UsersArena>(*static_cast<tbb::task_arena*>(options_.task_arena));
      } else {
        source_ = std::make_unique<OwnedArena>(num_helpers_, options_.bind_workers);
      }
    });
    source_->summon(std::move(work));
  }
  void end() noexcept override {
    if (source_) source_->end();
  }

 private:
  const ThreadPoolOptions options_;
  const int num_helpers_;
  std::once_flag once_;
  std::unique_ptr<HelperSource> source_;
};

}  // namespace

std::unique_ptr<HelperSource> make_helper_source(const ThreadPoolOptions& options, int num_helpers) {
  return std::make_unique<LazySource>(options, num_helpers);
}

int resolve_num_threads(const ThreadPoolOptions& options) {
  if (!options.task_arena) return options.num_threads > 0 ? options.num_threads : num_allowed_cpus();
  const int slots = static_cast<tbb::task_arena*>(options.task_arena)->max_concurrency();
  return std::max(1, options.num_threads > 0 ? std::min(options.num_threads, slots) : slots);
}

}  // namespace dlc::runtime

#endif  // DLC_STD_PARALLEL
