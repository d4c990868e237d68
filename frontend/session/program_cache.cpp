#include "frontend/session/program_cache.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <unordered_set>

#include "frontend/graph/lint.h"
#include "frontend/graph/lint_state.h"
#include "frontend/graph/lower.h"
#include "frontend/graph/node.h"
#include "ir/interp/bind_symbols.h"
#include "support/flags.h"

namespace dlc {

Expected<std::unique_ptr<Instance>> BoundProgram::acquire(const runtime::ContextOptions& options, bool checked,
                                                          const backend::ExecutionOptions& execution) {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Instance> instance = std::move(idle_.back());
      idle_.pop_back();
      return instance;
    }
  }
  auto instance = std::make_unique<Instance>(options);
  DLC_ASSIGN_OR_RETURN(instance->execution, backend::Execution::create(program_, binding_, execution));
  instance->execution->set_checked(checked);
  const std::lock_guard lock(mutex_);
  idle_.reserve(num_instances_ + 1);
  ++num_instances_;
  return instance;
}

void BoundProgram::release(std::unique_ptr<Instance> instance) noexcept {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(instance));
}

namespace {

void describe_variables(const Graph& graph, LoweredStep& step) {
  const ir::Function& f = *step.function;
  std::unordered_set<std::string_view> updated;
  for (int r = 0; r < f.num_results(); ++r)
    if (f.result_info(r).kind == ir::ResultKind::kUpdate) updated.insert(f.result_info(r).name);
  step.updates = !updated.empty();
  for (int i = 0; i < f.num_params(); ++i) {
    const ir::ParamInfo& info = f.param_info(i);
    if (info.kind == ir::ParamKind::kRngState) step.rng_param = i;
    if (info.kind == ir::ParamKind::kVariable)
      step.variables.push_back(
          {i, &graph.find_operation(info.name).node(), !ir::uses(f.param(i)).empty(), updated.contains(info.name)});
  }
}

std::string names_of(const std::vector<Fetch>& fetches) {
  std::vector<std::string> names;
  for (const Fetch& f : fetches) names.push_back(f.is_tensor() ? f.tensor().name() : f.operation().name());
  return fmt::format("{}", fmt::join(names, ", "));
}

/// "feed 'x' is f32[32,784], was f32[64,784]", for each feed whose sizes differ.
std::string changed_feeds(const ir::Function& f, const std::vector<Shape>& now, const std::vector<Shape>& before) {
  std::vector<std::string> changes;
  for (size_t i = 0; i < now.size(); ++i) {
    const int param = static_cast<int>(i);
    const DType dtype = f.param(param).dtype();
    if (now[i] != before[i])
      changes.push_back(fmt::format("{} is {}, was {}", ir::param_label(f, param), type_str(dtype, now[i]),
                                    type_str(dtype, before[i])));
  }
  return fmt::format("{}", fmt::join(changes, "; "));
}

constexpr size_t kMostCompilations = 32;
constexpr int64_t kFeedsFollow = -2;  ///< in keys of steps, between fetches and feeds

}  // namespace

std::string ProgramCache::why_lowered(const std::vector<int64_t>& key, const std::vector<Tensor>& fed) const {
  if (!last_step_) return "the first step of the session";
  const auto fetches_of = [](const std::vector<int64_t>& k) {
    return std::vector<int64_t>(k.begin(), std::find(k.begin(), k.end(), kFeedsFollow));
  };
  if (fetches_of(key) != fetches_of(last_step_->key)) return "other fetches than before: " + last_step_->fetches;
  std::vector<std::string> changes;
  const ir::Function& before = *last_step_->function;
  std::vector<std::string> names;
  for (const Tensor& t : fed) names.push_back(t.name());
  std::vector<std::string> names_before;
  for (int i = 0; i < before.num_params() && before.param_info(i).kind == ir::ParamKind::kFeed; ++i)
    names_before.push_back(before.param_info(i).name);
  const auto has = [](const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  for (const std::string& name : names)
    if (!has(names_before, name)) changes.push_back(fmt::format("'{}' is fed, was not", name));
  for (const std::string& name : names_before)
    if (!has(names, name)) changes.push_back(fmt::format("'{}' is not fed, was", name));
  return fmt::format("{}", fmt::join(changes, "; "));
}

Expected<LoweredStep*> ProgramCache::lower_step(const std::vector<Fetch>& fetches, const std::vector<Tensor>& fed) {
  std::vector<int64_t> key;
  for (const Fetch& f : fetches) {
    key.push_back(f.node().id);
    key.push_back(f.is_tensor() ? f.tensor().index() : -1);
  }
  key.push_back(kFeedsFollow);
  for (const Tensor& t : fed) {
    key.push_back(t.node().id);
    key.push_back(t.index());
  }
  // Ids are only unique in one graph; handles of another are refused by lower().
  bool ours = true;
  for (const Fetch& f : fetches) ours = ours && f.operation().graph() == graph_;
  for (const Tensor& t : fed) ours = ours && t.graph() == graph_;
  const std::lock_guard lock(mutex_);
  const bool grows = note_run(graph_);
  if (const auto it = steps_.find(key); ours && it != steps_.end()) {
    if (grows && options_.lint) print_new_warnings(graph_);
    return it->second.get();
  }
  const auto start = std::chrono::steady_clock::now();
  auto step = std::make_unique<LoweredStep>();
  DLC_ASSIGN_OR_RETURN(step->function, lower(graph_, fetches, fed));
  add_assigned_variables(graph_, *step->function);
  describe_variables(graph_, *step);
  if (options_.lint) print_new_warnings(graph_);
  step->fetches = names_of(fetches);
  step->why = why_lowered(key, fed);
  step->key = key;
  step->lower_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  LoweredStep* const made = steps_.emplace(std::move(key), std::move(step)).first->second.get();
  last_step_ = made;
  return made;
}

Expected<std::shared_ptr<BoundProgram>> ProgramCache::bind(LoweredStep& step, std::span<const Array> feeds,
                                                           const Interrupt& interrupt) {
  const ir::Function& f = *step.function;
  std::vector<Shape> shapes;
  bool types_fit = true;
  for (size_t i = 0; i < feeds.size(); ++i) {
    shapes.push_back(feeds[i].shape());
    types_fit = types_fit && feeds[i].dtype() == f.param(static_cast<int>(i)).dtype();
  }
  const std::lock_guard lock(step.mutex);
  // Programs are found by shapes alone; feeds of a wrong element type get their Error below.
  if (const auto it = step.bound.find(shapes); types_fit && it != step.bound.end()) {
    cache_hits_.fetch_add(1, std::memory_order_relaxed);
    return it->second;
  }
  DLC_ASSIGN_OR_RETURN(const ir::SymbolBinding binding, symbols(f, feeds));
  constexpr int kMostSpecialised = 8;
  std::shared_ptr<const backend::Program> program;
  if (options_.bind_dims && step.specialised < kMostSpecialised) {
    const bool first = step.bound.empty();
    DLC_ASSIGN_OR_RETURN(auto bound, f.specialize(binding));
    DLC_ASSIGN_OR_RETURN(program, compile(step, std::move(bound),
                                          first ? step.why : changed_feeds(f, shapes, step.last_shapes), interrupt));
    if (!binding.empty()) ++step.specialised;
    step.last_shapes = shapes;
  } else {
    if (!step.generic) {
      const std::string why =
          options_.bind_dims ? fmt::format("after {} sizes, one program for all others", step.specialised) : step.why;
      DLC_ASSIGN_OR_RETURN(step.generic, compile(step, f.clone(), why, interrupt));
    }
    program = step.generic;
  }
  auto made = std::make_shared<BoundProgram>(program, binding);
  // Each holds working memory of its sizes: ever new sizes must not pile up. Who runs one keeps it.
  constexpr size_t kMostBound = 64;
  if (step.bound.size() >= kMostBound)
    std::erase_if(step.bound, [&](const auto& entry) { return &entry.second->program() == step.generic.get(); });
  step.bound.emplace(std::move(shapes), made);
  return made;
}

Expected<ir::SymbolBinding> ProgramCache::symbols(const ir::Function& f, std::span<const Array> feeds) const {
  // Variables have static types: only feeds bind symbols.
  std::vector<Array> params(feeds.begin(), feeds.end());
  for (int i = static_cast<int>(feeds.size()); i < f.num_params(); ++i) {
    const ir::TensorType& type = f.param(i).type();
    params.push_back(Array::borrow(type.dtype, type.shape(), static_cast<void*>(nullptr)));
  }
  return ir::bind_symbols(f, params);
}

Expected<backend::Explanation> ProgramCache::explain(LoweredStep& step, std::span<const Array> feeds) {
  const std::lock_guard lock(step.mutex);
  DLC_ASSIGN_OR_RETURN(const ir::SymbolBinding binding, symbols(*step.function, feeds));
  DLC_ASSIGN_OR_RETURN(auto bound, step.function->specialize(binding));
  return backend::explain(std::move(bound), compile_options());
}

backend::CompileOptions ProgramCache::compile_options() const {
  backend::CompileOptions options;
  options.target = options_.target;
  options.fuse = options_.fuse;
  options.kernel_cache = options_.kernel_cache;
  options.check_numerics = options_.check_numerics;
  options.trace = execution_.trace;
  options.max_ops = options_.max_nodes;
  return options;
}

Expected<std::shared_ptr<const backend::Program>> ProgramCache::compile(LoweredStep& step,
                                                                        std::unique_ptr<ir::Function> function,
                                                                        std::string why, const Interrupt& interrupt) {
  backend::CompileOptions options = compile_options();
  options.interrupt = interrupt;
  DLC_ASSIGN_OR_RETURN(auto program, backend::compile(std::move(function), options));
  const backend::CompileStats& s = program->stats();
  Compilation made{.step = step.fetches,
                   .why = std::move(why),
                   .lower_ms = std::exchange(step.lower_ms, 0),
                   .passes_ms = s.passes_ms,
                   .plan_ms = s.plan_ms,
                   .native_ms = s.native_ms,
                   .kernels_compiled = s.kernels - s.kernels_reused - s.kernels_loaded,
                   .kernels_reused = s.kernels_reused,
                   .kernels_loaded = s.kernels_loaded,
                   .calls = s.calls};
  if (debug_flags().times("compile"))
    fmt::print(stderr, "compiled '{}': {}; lowering {:.1f} ms\n", made.step, made.why, made.lower_ms);
  const std::lock_guard lock(mutex_);
  ++stats_.programs_compiled;
  stats_.compile_ms += made.lower_ms + made.passes_ms + made.plan_ms + made.native_ms;
  stats_.kernels_compiled += made.kernels_compiled;
  stats_.kernels_reused += made.kernels_reused;
  stats_.kernels_loaded += made.kernels_loaded;
  if (stats_.compilations.size() == kMostCompilations) stats_.compilations.erase(stats_.compilations.begin());
  stats_.compilations.push_back(std::move(made));
  return program;
}

SessionStats ProgramCache::stats() const {
  const std::lock_guard lock(mutex_);
  SessionStats stats = stats_;
  stats.runs = runs_.load(std::memory_order_relaxed);
  stats.cache_hits = cache_hits_.load(std::memory_order_relaxed);
  return stats;
}

std::string SessionStats::str() const {
  return fmt::format(
      "{} runs; {} found their program; {} programs compiled in {:.1f} ms: {} kernels compiled, {} found in memory, {} "
      "on disk",
      runs, cache_hits, programs_compiled, compile_ms, kernels_compiled, kernels_reused, kernels_loaded);
}

}  // namespace dlc
