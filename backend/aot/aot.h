// Ahead-of-time artefacts: what a program needs to be used from C without dlc's compiler. The object
// itself comes from backend/llvm (native.h, emit_object); here are its C header and its linking.
#pragma once

#include <filesystem>
#include <string>

#include "runtime/program.h"
#include "support/expected.h"

namespace dlc::backend {

/// `text` as an identifier of C: characters that are none become '_', and a keyword gets one more.
std::string c_identifier(const std::string& text);

/// A C header for the program that an object defines as `<name>_program`: that declaration, and a
/// function `<name>_run` with one typed pointer a parameter and fetch.
std::string c_header(const dlc_program& program, const std::string& name);

/// Links an object of ours into a shared library. Runs the machine's linker: $DLC_LINKER if it is set,
/// else the first that is there of ld.lld, ld.lld-19 and ld. `library` is the old file or the new one
/// at any time. kNotFound when there is no linker, kIo when it or the file system fails, with what it
/// printed.
Expected<void> link_shared(const std::string& object, const std::filesystem::path& library);

}  // namespace dlc::backend
