// Programs that were compiled ahead of time into shared libraries.
#pragma once

#include <string>

#include "runtime/program.h"
#include "support/expected.h"

namespace dlc::runtime {

/// Whether the file begins as a shared library does; false too when it cannot be read.
bool is_shared_library(const std::string& path);

/// Loads a library made by `dlc compile --emit shared` and gives its program, after check_program.
/// Loading runs what initialisers the file has: open only files that you trust. The library stays
/// loaded until the process ends. kNotFound when there is no such file, kData for one that is no
/// compiled program.
Expected<const dlc_program*> open_program(const std::string& path);

/// Whether this runtime and this machine can run it: kUnimplemented for a program of a later version,
/// or for instructions that the machine lacks.
Expected<void> check_program(const dlc_program& program);

}  // namespace dlc::runtime
