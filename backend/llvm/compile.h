// A module to an object: the short pass pipeline and the code generator.
#pragma once

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <memory>
#include <string>

#include "backend/llvm/target.h"

namespace dlc::backend::native {

/// What one thread needs to compile: a context and a target machine of its own, reused from module
/// to module.
class ModuleCompiler {
 public:
  static Expected<ModuleCompiler> create(const ir::Target& target, bool verify);

  /// A module with the target's triple and data layout, in a new context: the one of the module before,
  /// which must be gone, is freed.
  std::unique_ptr<llvm::Module> new_module(llvm::StringRef name);
  /// The passes before code generation. In between, the verifier, if asked for.
  Expected<void> optimize(llvm::Module& module);
  /// Machine code of an optimised module. `type`: an object or assembly.
  Expected<std::string> generate(llvm::Module& module, llvm::CodeGenFileType type);

  const TargetSpec& target() const { return target_; }
  bool verifies() const { return verify_; }

 private:
  ModuleCompiler() = default;
  Expected<void> check(const llvm::Module& module, const char* when) const;

  TargetSpec target_;
  bool verify_ = false;
  std::unique_ptr<llvm::LLVMContext> context_;
  std::unique_ptr<llvm::TargetMachine> machine_;
};

}  // namespace dlc::backend::native
