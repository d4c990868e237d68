#include "backend/llvm/target.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CodeGen.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/TargetParser/Host.h>

#include <mutex>

#include "backend/llvm/fatal.h"

namespace dlc::backend::native {
namespace {

/// LLVM's one-time set-up in this process.
void initialize_llvm() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    install_fatal_handler();
  });
}

TargetSpec describe_host(const ir::Target& target) {
  TargetSpec spec{.info = target, .cpu = llvm::sys::getHostCPUName().str()};
  for (const auto& feature : llvm::sys::getHostCPUFeatures()) {
    if (!spec.features.empty()) spec.features += ',';
    spec.features += (feature.second ? '+' : '-') + feature.first().str();
    if (feature.first() == "sse4.1") spec.has_sse41 = feature.second;
  }
  return spec;
}

}  // namespace

TargetSpec describe(const ir::Target& target) {
  if (target.name == "sse2") return {.info = target, .cpu = "x86-64"};
  if (target.name == "avx2") return {.info = target, .cpu = "x86-64-v3", .has_sse41 = true};
  if (target.name == "avx512") return {.info = target, .cpu = "x86-64-v4", .has_sse41 = true};
  return describe_host(target);
}

Expected<std::unique_ptr<llvm::TargetMachine>> make_target_machine(const TargetSpec& spec) {
  initialize_llvm();
  const std::string triple = llvm::sys::getProcessTriple();
  std::string message;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target) return make_error(ErrorCode::kInternal, "LLVM has no target for '{}': {}", triple, message);
  llvm::TargetOptions options;
  // a*b + c stays two roundings: fusing is a pass of the IR.
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  options.MCOptions.AsmVerbose = false;
  std::unique_ptr<llvm::TargetMachine> machine(
      target->createTargetMachine(triple, spec.cpu, spec.features, options, llvm::Reloc::PIC_, llvm::CodeModel::Small,
                                  llvm::CodeGenOptLevel::Default, /*JIT=*/true));
  if (!machine) return make_error(ErrorCode::kInternal, "LLVM refuses a target machine for '{}'", triple);
  return machine;
}

}  // namespace dlc::backend::native
