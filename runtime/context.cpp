#include "runtime/context.h"

#include <immintrin.h>

#include <tuple>

namespace dlc::runtime {

const dlc_services Context::kServices = {
    .version = DLC_ABI_VERSION,
    .parallel_for = &Context::parallel_for,
    .report_fault = &Context::report,
};

const dlc_services Context::kWatchedServices = {
    .version = DLC_ABI_VERSION,
    .parallel_for = &Context::watched_parallel_for,
    .report_fault = &Context::report,
};

Context::Context(ContextOptions options) : abi_{}, options_(options) {
  abi_.services = &kServices;
  abi_.host = this;
  reset();
}

std::optional<Fault> Context::fault() const {
  if (!failed()) return std::nullopt;
  return Fault{abi_.fault_site, abi_.fault_element, abi_.fault_value};
}

void Context::report_fault(const Fault& fault) {
  // A spin lock: faults are rare, the section is a few stores, and nothing here may allocate.
  while (fault_lock_.test_and_set(std::memory_order_acquire)) _mm_pause();
  if (std::tie(fault.site, fault.element) < std::tie(abi_.fault_site, abi_.fault_element)) {
    abi_.fault_site = fault.site;
    abi_.fault_element = fault.element;
    abi_.fault_value = fault.value;
  }
  fault_lock_.clear(std::memory_order_release);
}

void Context::parallel_for(dlc_context* context, int64_t n_chunks, dlc_task_fn fn, void* closure) {
  Context& self = of(context);
  if (self.options_.pool) {
    self.options_.pool->parallel_for(context, n_chunks, fn, closure, self.options_.fp_mode);
  } else {
    serial_for(context, n_chunks, fn, closure, self.options_.fp_mode);
  }
}

namespace {
/// A task with what it takes to watch it.
struct WatchedTask {
  dlc_task_fn fn;
  void* closure;
  Watcher* watcher;

  DLC_CALLS_GENERATED_CODE static void run(dlc_context* context, int64_t chunk, void* self) {
    const WatchedTask& task = *static_cast<const WatchedTask*>(self);
    if (task.watcher->skips_chunks()) return;
    const auto start = Watcher::Clock::now();
    task.fn(context, chunk, task.closure);
    task.watcher->chunk_ran(chunk, start, Watcher::Clock::now());
  }
};
}  // namespace

void Context::watched_parallel_for(dlc_context* context, int64_t n_chunks, dlc_task_fn fn, void* closure) {
  WatchedTask task = {fn, closure, of(context).watcher_};
  parallel_for(context, n_chunks, &WatchedTask::run, &task);
}

void Context::report(dlc_context* context, int64_t site, int64_t element, int64_t value) {
  of(context).report_fault({site, element, value});
}

}  // namespace dlc::runtime
