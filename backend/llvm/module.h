// The border between dlc and libdlc_llvm.so, the module that holds the code generator and brings
// libLLVM with it. dlc loads the module when something is to be compiled (backend/native/
// load_module.h); until then a process knows nothing of LLVM. No LLVM header is behind this file.
//
// C++ types cross the border, so both sides must be of one build: ModuleInfo::version says which.
#pragma once

#include <span>
#include <string>

#include "backend/loops/loops.h"
#include "backend/native/native.h"
#include "ir/target.h"
#include "runtime/program.h"
#include "support/expected.h"

namespace dlc::backend {

struct CodeRequest {
  std::span<const loops::Kernel* const> kernels;  ///< each passes loops::verify; no name twice
  const StepNode* step = nullptr;                 ///< if one is wanted; kernels not given are declared
  const ir::Target& target;                       ///< one of backend/native/target.h
  bool verify = false;                            ///< run LLVM's verifier
  NativeText form = NativeText::kObject;
  /// Data beside the code, as emit_object wants it; null: none.
  const dlc_program* table = nullptr;
  std::string symbol;  ///< of the table
};

class CodeGenerator {
 public:
  virtual ~CodeGenerator() = default;
  /// Kernels and step as one module of LLVM, in the form asked for. Thread-safe. kUnimplemented for
  /// what the target cannot do (an fma without the instruction), kInternal for a failure of LLVM.
  virtual Expected<std::string> generate(const CodeRequest& request) = 0;
};

struct ModuleInfo {
  const char* version;         ///< kCodegenVersion of the module's build
  CodeGenerator* (*create)();  ///< for the process's life
};

/// What dlc looks up in the module: `extern "C" const ModuleInfo dlc_llvm_module`.
inline constexpr const char* kModuleSymbol = "dlc_llvm_module";

}  // namespace dlc::backend
