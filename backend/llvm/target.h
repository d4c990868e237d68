// Targets by name: what LLVM is told, and what the rest of dlc is told.
#pragma once

#include <llvm/Target/TargetMachine.h>

#include <memory>
#include <string>
#include <string_view>

#include "ir/target.h"
#include "support/expected.h"

namespace dlc::backend::native {

struct TargetSpec {
  ir::Target info;
  std::string cpu;       ///< LLVM's name
  std::string features;  ///< "+avx2,-sse4a,..."; empty: those of the cpu
  bool has_sse41 = false;
  bool runs_here = false;
};

/// The spec of "host", "sse2", "avx2" or "avx512"; kInvalidArgument for other names. Lives forever.
Expected<const TargetSpec*> find_target(std::string_view name);

/// A new target machine, for one thread. kInternal if LLVM has none.
Expected<std::unique_ptr<llvm::TargetMachine>> make_target_machine(const TargetSpec& spec);

/// LLVM's one-time set-up in this process; every entry into backend/llvm goes through it.
void initialize_llvm();

}  // namespace dlc::backend::native
