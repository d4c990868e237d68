#include "tools/oracles/run_function.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>

#include "runtime/parallel.h"

namespace dlc::oracles {
namespace {

/// A context that looks at the regions which run in it.
class SharedContext : public runtime::Context {
 public:
  SharedContext(runtime::ThreadPool& pool, Regions& regions) : Context({.pool = &pool}), regions_(regions) {
    services_ = *abi()->services;
    services_.parallel_for = parallel_for;
    abi()->services = &services_;
  }

 private:
  struct Region {
    dlc_task_fn fn;
    void* closure;
    size_t wanted;
    std::chrono::steady_clock::time_point until;
    std::mutex lock{};
    std::condition_variable arrived{};
    std::set<std::thread::id> seen{};

    static void chunk(dlc_context* context, int64_t i, void* self) {
      auto& r = *static_cast<Region*>(self);
      {
        std::unique_lock guard(r.lock);
        r.seen.insert(std::this_thread::get_id());
        r.arrived.notify_all();
        r.arrived.wait_until(guard, r.until, [&] { return r.seen.size() >= r.wanted; });
      }
      r.fn(context, i, r.closure);
    }
  };

  static void parallel_for(dlc_context* context, int64_t n_chunks, dlc_task_fn fn, void* closure) {
    auto& self = static_cast<SharedContext&>(Context::of(context));
    const auto wanted = static_cast<size_t>(std::min<int64_t>(n_chunks, self.pool()->num_threads()));
    // Where a thread failed to come once, the next regions do not wait for it as long.
    const auto patience =
        self.regions_.shared == self.regions_.split ? std::chrono::milliseconds(10000) : std::chrono::milliseconds(50);
    Region region{fn, closure, wanted, std::chrono::steady_clock::now() + patience};
    self.pool()->parallel_for(context, n_chunks, Region::chunk, &region, self.fp_mode());
    if (n_chunks < 2) return;
    ++self.regions_.split;
    if (region.seen.size() >= wanted) ++self.regions_.shared;
    self.regions_.threads.merge(region.seen);
  }

  Regions& regions_;
  dlc_services services_;
};

}  // namespace

Expected<RunOutcome> run_program(const std::shared_ptr<const backend::Program>& program,
                                 const std::vector<Array>& params, int threads, Regions* regions) {
  ir::SymbolBinding binding;
  for (size_t i = 0; i < params.size(); ++i)
    for (size_t d = 0; d < params[i].shape().size(); ++d)
      if (const auto symbol = program->params()[i].type.dims[d].as_symbol()) binding[*symbol] = params[i].shape()[d];
  DLC_ASSIGN_OR_RETURN(const auto run, backend::Execution::create(program, binding));
  run->set_checked(true);
  RunOutcome out;
  std::vector<void*> in, results;
  for (const Array& p : params) {
    out.params.push_back(p.clone());
    in.push_back(out.params.back().bytes());
  }
  for (size_t i = 0; i < program->results().size(); ++i) {
    const backend::ProgramResult& r = program->results()[i];
    if (r.param >= 0) {
      out.results.push_back(out.params[static_cast<size_t>(r.param)]);  // shared
      results.push_back(nullptr);
    } else {
      out.results.push_back(Array(r.type.dtype, run->result_shape(static_cast<int>(i))));
      std::memset(out.results.back().bytes(), 0xFF, out.results.back().num_bytes());
      results.push_back(out.results.back().bytes());
    }
  }
  static std::map<int, runtime::ThreadPool> pools;
  runtime::ThreadPool& pool =
      pools.try_emplace(threads, runtime::ThreadPoolOptions{.num_threads = threads}).first->second;
  const auto execute = [&](runtime::Context& context) -> Expected<RunOutcome> {
    DLC_RETURN_IF_ERROR(run->execute(context, in, results));
    if (const auto fault = context.fault()) out.fault = program->describe(*fault);
    return std::move(out);
  };
  if (threads > 1 && regions) {
    SharedContext context(pool, *regions);
    return execute(context);
  }
  runtime::Context context({.pool = threads > 1 ? &pool : nullptr});
  return execute(context);
}

}  // namespace dlc::oracles
