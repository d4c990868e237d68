// Loads libdlc_llvm.so, the code generator, when it is first needed.
#pragma once

#include "backend/llvm/module.h"

namespace dlc::backend::native {

/// The code generator. Loads it with the first call; it stays for the life of the process. Thread-safe.
///
/// It is looked for, in this order: the file that the environment variable DLC_LLVM_MODULE names (then
/// nowhere else); beside the program or library that dlc is part of, in `../lib/dlc` and in `../lib`
/// from there; where the dynamic linker looks (the RUNPATH that dlc's CMake target brings,
/// LD_LIBRARY_PATH, the system's folders).
///
/// kNotFound when it is in none of these, kFailedPrecondition when it is there and of another build or
/// cannot be loaded; every later call gives the same Error.
Expected<CodeGenerator*> code_generator();

/// Whether it has been loaded.
bool code_generator_loaded();

}  // namespace dlc::backend::native
