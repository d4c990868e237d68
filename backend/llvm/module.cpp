#include "backend/llvm/module.h"

#include <llvm/Support/raw_ostream.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backend/llvm/compile.h"
#include "backend/llvm/emit.h"
#include "backend/llvm/fatal.h"
#include "backend/native/codegen_version.h"

namespace dlc::backend {
namespace {

using native::ModuleCompiler;

Expected<std::string> print_or_compile(ModuleCompiler& compiler, const CodeRequest& request) {
  const std::unique_ptr<llvm::Module> module = compiler.new_module("dlc");
  for (const loops::Kernel* kernel : request.kernels) {
    DLC_RETURN_IF_ERROR(native::emit_kernel(*module, *kernel, compiler.target()));
  }
  if (request.step) native::emit_step(*module, *request.step);
  if (request.table) native::emit_table(*module, *request.table, request.symbol);
  if (request.form != NativeText::kLlvm) DLC_RETURN_IF_ERROR(compiler.optimize(*module));
  if (request.form == NativeText::kLlvm || request.form == NativeText::kLlvmOptimized) {
    std::string text;
    llvm::raw_string_ostream out(text);
    module->print(out, nullptr);
    return text;
  }
  return compiler.generate(*module, request.form == NativeText::kAsm ? llvm::CodeGenFileType::AssemblyFile
                                                                     : llvm::CodeGenFileType::ObjectFile);
}

class LlvmCodeGenerator final : public CodeGenerator {
 public:
  Expected<std::string> generate(const CodeRequest& request) override {
    return native::guarded([&]() -> Expected<std::string> {
      DLC_ASSIGN_OR_RETURN(ModuleCompiler compiler, acquire(request));
      Expected<std::string> made = print_or_compile(compiler, request);
      release(std::move(compiler));
      return made;
    });
  }

 private:
  // Making a target machine costs more than compiling a small kernel: they are kept and lent to one
  // thread at a time. One that LLVM gave up in is not given back.
  Expected<ModuleCompiler> acquire(const CodeRequest& request) {
    {
      const std::lock_guard lock(mutex_);
      std::vector<ModuleCompiler>& idle = idle_[{request.target.name, request.verify}];
      if (!idle.empty()) {
        ModuleCompiler compiler = std::move(idle.back());
        idle.pop_back();
        return compiler;
      }
    }
    return ModuleCompiler::create(request.target, request.verify);
  }

  void release(ModuleCompiler compiler) {
    const std::lock_guard lock(mutex_);
    idle_[{compiler.target().info.name, compiler.verifies()}].push_back(std::move(compiler));
  }

  std::mutex mutex_;
  std::map<std::pair<std::string, bool>, std::vector<ModuleCompiler>> idle_;
};

}  // namespace
}  // namespace dlc::backend

extern "C" __attribute__((visibility("default"))) const dlc::backend::ModuleInfo dlc_llvm_module;
const dlc::backend::ModuleInfo dlc_llvm_module = {
    .version = dlc::backend::kCodegenVersion,
    .create = []() -> dlc::backend::CodeGenerator* { return new dlc::backend::LlvmCodeGenerator; },
};
