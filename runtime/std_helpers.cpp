#ifdef DLC_STD_PARALLEL

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/helpers.h"

namespace dlc::runtime {
namespace {

/// Plain threads that sleep on a condition variable between summonses. Does not bind.
class StdThreads final : public HelperSource {
 public:
  explicit StdThreads(int num_helpers) : num_helpers_(num_helpers) {}
  void summon(std::shared_ptr<HelperWork> work) override {
    {
      const std::lock_guard lock(mutex_);
      while (static_cast<int>(threads_.size()) < num_helpers_) threads_.emplace_back([this] { serve(); });
      queue_.push_back(std::move(work));
    }
    wake_.notify_one();
  }

  void end() noexcept override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    queue_.clear();
  }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return ending_ || !queue_.empty(); });
      if (ending_) return;
      std::shared_ptr<HelperWork> work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work->help();
      work.reset();
      lock.lock();
    }
  }

  const int num_helpers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<HelperWork>> queue_;
  std::vector<std::thread> threads_;
  bool ending_ = false;
};

}  // namespace

std::unique_ptr<HelperSource> make_helper_source(const ThreadPoolOptions&, int num_helpers) {
  return std::make_unique<StdThreads>(num_helpers);
}

int resolve_num_threads(const ThreadPoolOptions& options) {
  return options.num_threads > 0 ? options.num_threads : num_allowed_cpus();
}

}  // namespace dlc::runtime

#endif  // DLC_STD_PARALLEL
