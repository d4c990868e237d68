// Targets as LLVM is told of them.
#pragma once

#include <llvm/Target/TargetMachine.h>

#include <memory>
#include <string>

#include "ir/target.h"
#include "support/expected.h"

namespace dlc::backend::native {

struct TargetSpec {
  ir::Target info;
  std::string cpu;       ///< LLVM's name
  std::string features;  ///< "+avx2,-sse4a,..."; empty: those of the cpu
  bool has_sse41 = false;
};

/// `target` is one of backend/native/target.h: a class by its name, or this machine.
TargetSpec describe(const ir::Target& target);

/// A new target machine, for one thread. kInternal if LLVM has none.
Expected<std::unique_ptr<llvm::TargetMachine>> make_target_machine(const TargetSpec& spec);

}  // namespace dlc::backend::native
