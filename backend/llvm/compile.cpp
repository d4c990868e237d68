#include "backend/llvm/compile.h"

#include <llvm/ADT/SmallVector.h>
#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>

namespace dlc::backend::native {

Expected<ModuleCompiler> ModuleCompiler::create(const ir::Target& target, bool verify) {
  ModuleCompiler compiler;
  compiler.target_ = describe(target);
  compiler.verify_ = verify;
  DLC_ASSIGN_OR_RETURN(compiler.machine_, make_target_machine(compiler.target_));
  return compiler;
}

std::unique_ptr<llvm::Module> ModuleCompiler::new_module(llvm::StringRef name) {
  context_ = std::make_unique<llvm::LLVMContext>();
  // Diagnostics on standard error are not how a library reports; what matters fails elsewhere.
  context_->setDiagnosticHandlerCallBack([](const llvm::DiagnosticInfo*, void*) {});
  auto module = std::make_unique<llvm::Module>(name, *context_);
  module->setTargetTriple(machine_->getTargetTriple().str());
  module->setDataLayout(machine_->createDataLayout());
  module->setPICLevel(llvm::PICLevel::SmallPIC);
  return module;
}

Expected<void> ModuleCompiler::check(const llvm::Module& module, const char* when) const {
  if (!verify_) return Ok{};
  std::string message;
  llvm::raw_string_ostream out(message);
  if (!llvm::verifyModule(module, &out)) return Ok{};
  return make_error(ErrorCode::kInternal, "LLVM's verifier refuses module '{}' {}: {}", module.getName().str(), when,
                    out.str());
}

Expected<void> ModuleCompiler::optimize(llvm::Module& module) {
  DLC_RETURN_IF_ERROR(check(module, "as emitted"));
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(machine_.get());
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);

  // The schedule has shaped the code already; what is left is to drop what the plain translation
  // says twice and to move what does not change out of loops. No vectoriser, no unroller, no inliner.
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(llvm::LICMPass(llvm::LICMOptions()), /*UseMemorySSA=*/true));
  for (llvm::Function& function : module) {
    if (!function.isDeclaration()) passes.run(function, functions);
  }
  return check(module, "after optimisation");
}

Expected<std::string> ModuleCompiler::generate(llvm::Module& module, llvm::CodeGenFileType type) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream out(bytes);
  llvm::legacy::PassManager passes;
  if (machine_->addPassesToEmitFile(passes, out, nullptr, type, /*DisableVerify=*/true)) {
    return make_error(ErrorCode::kInternal, "LLVM cannot emit this kind of file for target '{}'", target_.info.name);
  }
  passes.run(module);
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace dlc::backend::native
