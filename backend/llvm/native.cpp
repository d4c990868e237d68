#include "backend/llvm/native.h"

#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

#include "backend/llvm/compile.h"
#include "backend/llvm/emit.h"
#include "backend/llvm/fatal.h"
#include "backend/llvm/kernel_cache.h"
#include "backend/llvm/load.h"
#include "runtime/parallel.h"

namespace dlc::backend {
namespace {

using native::LoadedObject;
using native::ModuleCompiler;
using native::TargetSpec;
using ObjectBytes = llvm::SmallVector<char, 0>;

int64_t num_insts(const loops::Block& block) {
  int64_t n = 0;
  for (const loops::Inst& inst : block.insts) {
    ++n;
    for (const loops::Block& inner : inst.blocks) n += num_insts(inner);
  }
  return n;
}

using Batch = std::vector<const loops::Kernel*>;

/// At most `n` batches of about equal numbers of instructions: the largest kernel first, each to the
/// batch that has least.
std::vector<Batch> split(Batch kernels, int n) {
  std::map<const loops::Kernel*, int64_t> sizes;
  for (const loops::Kernel* k : kernels) sizes[k] = num_insts(k->body);
  std::stable_sort(kernels.begin(), kernels.end(), [&](auto* a, auto* b) { return sizes[a] > sizes[b]; });
  std::vector<Batch> batches(std::min(kernels.size(), static_cast<size_t>(n)));
  std::vector<int64_t> loads(batches.size());
  for (const loops::Kernel* k : kernels) {
    const auto least = static_cast<size_t>(std::min_element(loads.begin(), loads.end()) - loads.begin());
    batches[least].push_back(k);
    loads[least] += sizes[k];
  }
  return batches;
}

/// The kernels and the step (unless `calls` is null) as one module.
Expected<std::unique_ptr<llvm::Module>> emit_module(ModuleCompiler& compiler, const Batch& kernels,
                                                    const std::span<const StepCall>* calls) {
  std::unique_ptr<llvm::Module> module = compiler.new_module("dlc");
  for (const loops::Kernel* kernel : kernels) {
    DLC_RETURN_IF_ERROR(native::emit_kernel(*module, *kernel, compiler.target()));
  }
  if (calls) native::emit_step(*module, *calls);
  return module;
}

Expected<ObjectBytes> compile_batch(const TargetSpec& target, bool verify, const Batch& kernels,
                                    const std::span<const StepCall>* calls) {
  return native::guarded([&]() -> Expected<ObjectBytes> {
    DLC_ASSIGN_OR_RETURN(ModuleCompiler compiler, ModuleCompiler::create(target, verify));
    DLC_ASSIGN_OR_RETURN(const std::unique_ptr<llvm::Module> module, emit_module(compiler, kernels, calls));
    DLC_RETURN_IF_ERROR(compiler.optimize(*module));
    return compiler.generate(*module, llvm::CodeGenFileType::ObjectFile);
  });
}

/// The kernels without repetition, by name.
std::map<std::string_view, const loops::Kernel*> by_name(std::span<const loops::Kernel> kernels) {
  std::map<std::string_view, const loops::Kernel*> found;
  for (const loops::Kernel& k : kernels) found.emplace(k.name, &k);
  return found;
}

Expected<void> check_calls(const std::map<std::string_view, const loops::Kernel*>& kernels,
                           std::span<const StepCall> calls) {
  for (const StepCall& call : calls) {
    if (!kernels.contains(call.kernel)) {
      return make_error(ErrorCode::kNotFound, "the step calls kernel '{}', which is not among the {} kernels given",
                        call.kernel, kernels.size());
    }
  }
  return Ok{};
}

class Program final : public NativeProgram {
 public:
  dlc_entry_fn entry() const override { return entry_; }
  dlc_entry_fn kernel(std::string_view name) const override {
    const auto it = kernels_.find(name);
    return it == kernels_.end() ? nullptr : as_function(it->second->symbol(name));
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

/// Runs job(i) for each i in [0, n) on at most `threads` threads, the caller included.
template <typename Job>
void for_each_parallel(size_t n, int threads, const Job& job) {
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < n; i = next++) job(i);
  };
  std::vector<std::jthread> helpers;
  for (size_t t = 1; t < std::min(n, static_cast<size_t>(threads)); ++t) helpers.emplace_back(work);
  work();
}

}  // namespace

Expected<std::shared_ptr<NativeProgram>> compile_native(std::span<const loops::Kernel> kernels,
                                                        std::span<const StepCall> calls, const NativeOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  DLC_ASSIGN_OR_RETURN(const TargetSpec* target, native::find_target(options.target));
  if (!target->runs_here) {
    return make_error(ErrorCode::kUnimplemented, "this machine cannot run code for target '{}'; use 'host'",
                      options.target);
  }
  const auto named = by_name(kernels);
  DLC_RETURN_IF_ERROR(check_calls(named, calls));

  auto program = std::make_shared<Program>();
  native::KernelCache& cache = native::KernelCache::instance();
  Batch missing;
  for (const auto& [name, kernel] : named) {
    std::shared_ptr<LoadedObject> held = options.reuse ? cache.find(target->info.name, name) : nullptr;
    if (held) {
      program->kernels_.emplace(name, std::move(held));
      ++program->stats_.kernels_reused;
    } else {
      missing.push_back(kernel);
    }
  }
  program->stats_.kernels_compiled = static_cast<int>(missing.size());

  // The step is one more job. It is small, so it comes last: whoever is done first takes it.
  const int threads = options.compile_threads > 0 ? options.compile_threads : runtime::num_allowed_cpus();
  const std::vector<Batch> batches = split(std::move(missing), threads);
  std::vector<std::optional<Expected<ObjectBytes>>> objects(batches.size() + (calls.empty() ? 0 : 1));
  for_each_parallel(objects.size(), threads, [&](size_t i) {
    const bool is_step = i == batches.size();
    objects[i] = compile_batch(*target, options.verify, is_step ? Batch{} : batches[i], is_step ? &calls : nullptr);
  });

  const native::Resolver no_one = [](std::string_view) { return nullptr; };
  for (size_t i = 0; i < batches.size(); ++i) {
    DLC_ASSIGN_OR_RETURN(const ObjectBytes bytes, std::move(*objects[i]));
    DLC_ASSIGN_OR_RETURN(const std::shared_ptr<LoadedObject> loaded, native::load_object(bytes, no_one));
    program->stats_.code_bytes += loaded->code_bytes();
    for (const loops::Kernel* kernel : batches[i]) {
      if (options.reuse) cache.insert(target->info.name, kernel->name, loaded);
      program->kernels_.emplace(kernel->name, loaded);
    }
  }
  if (!calls.empty()) {
    DLC_ASSIGN_OR_RETURN(const ObjectBytes bytes, std::move(*objects.back()));
    const native::Resolver by_kernel = [&](std::string_view name) -> const void* {
      const auto it = program->kernels_.find(name);
      return it == program->kernels_.end() ? nullptr : it->second->symbol(name);
    };
    DLC_ASSIGN_OR_RETURN(program->step_, native::load_object(bytes, by_kernel));
    program->stats_.code_bytes += program->step_->code_bytes();
    program->entry_ = Program::as_function(program->step_->symbol(kStepSymbol));
  }
  program->stats_.compile_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return std::shared_ptr<NativeProgram>(std::move(program));
}

Expected<std::string> emit_native(std::span<const loops::Kernel> kernels, std::span<const StepCall> calls,
                                  const NativeOptions& options, NativeText form) {
  DLC_ASSIGN_OR_RETURN(const TargetSpec* target, native::find_target(options.target));
  const auto named = by_name(kernels);
  DLC_RETURN_IF_ERROR(check_calls(named, calls));
  // In the order given, so that the text reads like the step.
  Batch batch;
  for (const loops::Kernel& k : kernels) {
    if (named.at(k.name) == &k) batch.push_back(&k);
  }
  return native::guarded([&]() -> Expected<std::string> {
    DLC_ASSIGN_OR_RETURN(ModuleCompiler compiler, ModuleCompiler::create(*target, options.verify));
    DLC_ASSIGN_OR_RETURN(const std::unique_ptr<llvm::Module> module,
                         emit_module(compiler, batch, calls.empty() ? nullptr : &calls));
    if (form != NativeText::kLlvm) DLC_RETURN_IF_ERROR(compiler.optimize(*module));
    if (form == NativeText::kLlvm || form == NativeText::kLlvmOptimized) {
      std::string text;
      llvm::raw_string_ostream out(text);
      module->print(out, nullptr);
      return text;
    }
    const auto type =
        form == NativeText::kAsm ? llvm::CodeGenFileType::AssemblyFile : llvm::CodeGenFileType::ObjectFile;
    DLC_ASSIGN_OR_RETURN(const ObjectBytes bytes, compiler.generate(*module, type));
    return std::string(bytes.begin(), bytes.end());
  });
}

}  // namespace dlc::backend
