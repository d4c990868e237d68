#include "backend/native/native.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <vector>

#include "backend/native/codegen_version.h"
#include "backend/native/disk_cache.h"
#include "backend/native/hash.h"
#include "backend/native/kernel_cache.h"
#include "backend/native/load.h"
#include "backend/native/load_module.h"
#include "runtime/parallel.h"

namespace dlc::backend {
namespace {

using native::DiskCache;
using native::KernelCache;
using native::LoadedObject;

int64_t num_insts(const loops::Block& block) {
  int64_t n = 0;
  for (const loops::Inst& inst : block.insts) {
    ++n;
    for (const loops::Block& inner : inst.blocks) n += num_insts(inner);
  }
  return n;
}

/// The kernels without repetition, by name.
std::map<std::string_view, const loops::Kernel*> by_name(std::span<const loops::Kernel> kernels) {
  std::map<std::string_view, const loops::Kernel*> found;
  for (const loops::Kernel& k : kernels) found.emplace(k.name, &k);
  return found;
}

Expected<void> check_calls(const std::map<std::string_view, const loops::Kernel*>& kernels, const StepNode& step) {
  if (step.kind == StepNode::kCall && !kernels.contains(step.kernel))
    return make_error(ErrorCode::kNotFound, "the step calls kernel '{}', which is not among the {} kernels given",
                      step.kernel, kernels.size());
  for (const StepNode& child : step.children) DLC_RETURN_IF_ERROR(check_calls(kernels, child));
  return Ok{};
}

class Program final : public NativeProgram {
 public:
  dlc_entry_fn entry() const override { return entry_; }
  dlc_entry_fn kernel(std::string_view name) const override {
    const auto it = kernels_.find(name);
    return it == kernels_.end() ? nullptr : as_function(it->second->symbol(name));
  }
  std::vector<MachineFunction> functions() const override {
    std::set<const LoadedObject*> objects = {step_.get()};
    for (const auto& [name, object] : kernels_) objects.insert(object.get());
    std::vector<MachineFunction> all;
    for (const LoadedObject* object : objects)
      if (object) all.insert(all.end(), object->functions().begin(), object->functions().end());
    return all;
  }
  const NativeStats& stats() const override { return stats_; }

  static dlc_entry_fn as_function(const void* address) {
    return reinterpret_cast<dlc_entry_fn>(const_cast<void*>(address));
  }

  std::map<std::string, std::shared_ptr<LoadedObject>, std::less<>> kernels_;
  std::shared_ptr<LoadedObject> step_;
  dlc_entry_fn entry_ = nullptr;
  NativeStats stats_;
};

/// Runs job(i) for each i in [0, n) on at most `threads` threads, the caller included. What a job throws
/// (std::bad_alloc) ends the others and is thrown here. Where the system gives no more threads, those that there are
/// do the work.
template <typename Job>
void for_each_parallel(size_t n, int threads, const Job& job) {
  std::atomic<size_t> next{0};
  std::exception_ptr thrown;
  std::once_flag first;
  const auto work = [&] {
    try {
      for (size_t i = next++; i < n; i = next++) job(i);
    } catch (...) {
      next = n;
      std::call_once(first, [&] { thrown = std::current_exception(); });
    }
  };
  {
    std::vector<std::jthread> helpers;
    const auto start_one = [&] {
      try {
        helpers.emplace_back(work);
        return true;
      } catch (const std::system_error&) {
        return false;
      }
    };
    const size_t wanted = std::min(n, static_cast<size_t>(threads));
    while (helpers.size() + 1 < wanted && start_one()) continue;
    work();
  }
  if (thrown) std::rethrow_exception(thrown);
}

/// What a kernel or step is called in the cache on disk: all that its machine code is a function of.
std::string disk_key(const ir::Target& target, std::string_view name) {
  return fmt::format("{} for {} by {} abi {}", name, target.name, kCodegenVersion, DLC_ABI_VERSION);
}

std::string content(const StepNode& step) {
  std::string text =
      fmt::format("{} {} {} {} (", static_cast<int>(step.kind), step.kernel, step.buffers_at, step.scalars_at);
  for (const StepNode& child : step.children) text += content(child);
  return text + ")\n";
}

/// A name for the step's content, as kernels have.
std::string step_name(const StepNode& step) {
  const std::string text = content(step);
  return fmt::format("step_{:016x}{:016x}", hash64(text, 1), hash64(text, 2));
}

/// Compiles what the caches lack and puts a program together.
class ProgramBuilder {
 public:
  ProgramBuilder(const ir::Target& target, const NativeOptions& options)
      : target_(target),
        options_(options),
        memory_(options.reuse ? &KernelCache::instance() : nullptr),
        disk_(options.reuse ? DiskCache::get(options.disk_cache) : nullptr) {}

  Expected<std::shared_ptr<NativeProgram>> run(const std::map<std::string_view, const loops::Kernel*>& kernels,
                                               const StepNode& step) {
    const auto start = std::chrono::steady_clock::now();
    for (const auto& [name, kernel] : kernels)
      if (!find(name)) jobs_.push_back({.name = std::string(name), .kernel = kernel});
    stats().kernels_compiled = static_cast<int>(jobs_.size());
    // The largest first. The step is small and comes last: whoever is done first takes it.
    std::stable_sort(jobs_.begin(), jobs_.end(),
                     [](const Job& a, const Job& b) { return num_insts(a.kernel->body) > num_insts(b.kernel->body); });
    if (!step.does_nothing()) DLC_RETURN_IF_ERROR(prepare_step(step));
    DLC_RETURN_IF_ERROR(compile_jobs());
    for (Job& job : jobs_) DLC_RETURN_IF_ERROR(load_compiled(job));
    if (program_->step_) program_->entry_ = Program::as_function(program_->step_->symbol(kStepSymbol));
    stats().compile_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    return std::shared_ptr<NativeProgram>(std::move(program_));
  }

 private:
  /// One object to be made.
  struct Job {
    std::string name;
    const loops::Kernel* kernel = nullptr;
    const StepNode* step = nullptr;  ///< null: a kernel
    std::optional<Expected<std::string>> object;
  };

  NativeStats& stats() { return program_->stats_; }

  /// Takes the kernel from a cache.
  bool find(std::string_view name) {
    if (std::shared_ptr<LoadedObject> held = memory_ ? memory_->find(target_.name, name) : nullptr) {
      program_->kernels_.emplace(name, std::move(held));
      ++stats().kernels_reused;
      return true;
    }
    const std::optional<std::string> object = disk_ ? disk_->find(disk_key(target_, name)) : std::nullopt;
    if (!object || !add_kernel(std::string(name), *object)) return false;
    ++stats().kernels_loaded;
    return true;
  }

  Expected<void> add_kernel(const std::string& name, std::string_view object) {
    const native::Resolver no_one = [](std::string_view) { return nullptr; };
    DLC_ASSIGN_OR_RETURN(std::shared_ptr<LoadedObject> loaded, native::load_object(object, no_one));
    if (!loaded->symbol(name))
      return make_error(ErrorCode::kInternal, "compiled code lacks the kernel '{}' that it was made for", name);
    stats().code_bytes += loaded->code_bytes();
    if (memory_) memory_->insert(target_.name, name, loaded);
    program_->kernels_.emplace(name, std::move(loaded));
    return {};
  }

  /// The step calls all kernels by their addresses, so it can be linked when they are there.
  Expected<void> add_step(std::string_view object) {
    const native::Resolver by_kernel = [&](std::string_view name) -> const void* {
      const auto it = program_->kernels_.find(name);
      return it == program_->kernels_.end() ? nullptr : it->second->symbol(name);
    };
    DLC_ASSIGN_OR_RETURN(program_->step_, native::load_object(object, by_kernel));
    stats().code_bytes += program_->step_->code_bytes();
    return {};
  }

  /// When all kernels are there, the step may be so too; else it is one more job.
  Expected<void> prepare_step(const StepNode& step) {
    Job job{.name = step_name(step), .step = &step};
    if (disk_ && jobs_.empty()) {
      const std::optional<std::string> object = disk_->find(disk_key(target_, job.name));
      stats().step_loaded = object && add_step(*object);
    }
    if (!stats().step_loaded) jobs_.push_back(std::move(job));
    return {};
  }

  Expected<void> compile_jobs() {
    if (jobs_.empty()) return {};
    DLC_ASSIGN_OR_RETURN(CodeGenerator* const generator, native::code_generator());
    const int threads = options_.compile_threads > 0 ? options_.compile_threads : runtime::num_allowed_cpus();
    for_each_parallel(jobs_.size(), threads, [&](size_t i) {
      Job& job = jobs_[i];
      if (Expected<void> on = options_.interrupt.check(); !on) {
        job.object.emplace(std::move(on).error());
        return;
      }
      CodeRequest request{.target = target_, .verify = options_.verify};
      if (job.kernel)
        request.kernels = {&job.kernel, 1};
      else
        request.step = job.step;
      job.object = generator->generate(request);
    });
    return {};
  }

  Expected<void> load_compiled(Job& job) {
    DLC_ASSIGN_OR_RETURN(const std::string object, std::move(*job.object));
    DLC_RETURN_IF_ERROR(job.kernel ? add_kernel(job.name, object) : add_step(object));
    if (disk_) disk_->store(disk_key(target_, job.name), object);
    return {};
  }

  const ir::Target& target_;
  const NativeOptions& options_;
  KernelCache* const memory_;
  DiskCache* const disk_;
  std::vector<Job> jobs_;
  std::shared_ptr<Program> program_ = std::make_shared<Program>();
};

/// Kernels and step as one module; `rest` of the request is as given.
Expected<std::string> generate_whole(std::span<const loops::Kernel> kernels, const StepNode& step, CodeRequest rest) {
  const auto named = by_name(kernels);
  DLC_RETURN_IF_ERROR(check_calls(named, step));
  // In the order given, so that the text reads like the step.
  std::vector<const loops::Kernel*> all;
  for (const loops::Kernel& k : kernels) {
    if (named.at(k.name) == &k) all.push_back(&k);
  }
  DLC_ASSIGN_OR_RETURN(CodeGenerator* const generator, native::code_generator());
  rest.kernels = all;
  if (!step.does_nothing()) rest.step = &step;
  return generator->generate(rest);
}

}  // namespace

Expected<std::shared_ptr<NativeProgram>> compile_native(std::span<const loops::Kernel> kernels, const StepNode& step,
                                                        const NativeOptions& options) {
  DLC_ASSIGN_OR_RETURN(const ir::Target target, native_target(options.target));
  if (!runs_here(options.target)) {
    return make_error(ErrorCode::kUnimplemented, "this machine cannot run code for target '{}'; use 'host'",
                      options.target);
  }
  const auto named = by_name(kernels);
  DLC_RETURN_IF_ERROR(check_calls(named, step));
  return ProgramBuilder(target, options).run(named, step);
}

Expected<std::string> emit_native(std::span<const loops::Kernel> kernels, const StepNode& step,
                                  const NativeOptions& options, NativeText form) {
  DLC_ASSIGN_OR_RETURN(const ir::Target target, native_target(options.target));
  return generate_whole(kernels, step, {.target = target, .verify = options.verify, .form = form});
}

Expected<std::string> emit_object(std::span<const loops::Kernel> kernels, const StepNode& step,
                                  const dlc_program& table, const std::string& symbol, const NativeOptions& options) {
  DLC_ASSIGN_OR_RETURN(const ir::Target target, native_target(options.target));
  return generate_whole(kernels, step, {.target = target, .verify = options.verify, .table = &table, .symbol = symbol});
}

}  // namespace dlc::backend
