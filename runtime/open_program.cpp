#include "runtime/open_program.h"

#include <dlfcn.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace dlc::runtime {
namespace {

/// What the classes of `dlc compile --target` ask of a machine.
bool machine_has(std::string_view feature_class) {
  if (feature_class == "avx512") return __builtin_cpu_supports("x86-64-v4");
  if (feature_class == "avx2") return __builtin_cpu_supports("x86-64-v3");
  return feature_class == "sse2" || feature_class.empty();
}

}  // namespace

bool is_shared_library(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char magic[4] = {};
  return file.read(magic, sizeof magic) && std::memcmp(magic,
                                                       "\x7f"
                                                       "ELF",
                                                       sizeof magic) == 0;
}

Expected<const dlc_program*> open_program(const std::string& path) {
  // dlopen searches for a name without a slash, and says little of a file that is not there.
  std::error_code failed;
  const std::filesystem::path file = std::filesystem::absolute(path, failed);
  if (failed || !std::ifstream(file))
    return make_error(ErrorCode::kNotFound, "cannot open '{}': {}", path,
                      failed ? failed.message() : std::strerror(errno));
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) return make_error(ErrorCode::kData, "cannot load '{}': {}", path, dlerror());
  const auto* const program = static_cast<const dlc_program*>(dlsym(library, DLC_PROGRAM_SYMBOL));
  if (!program) {
    dlclose(library);
    return make_error(ErrorCode::kData, "'{}' is no compiled program: it does not define '{}'", path,
                      DLC_PROGRAM_SYMBOL)
        .note("dlc compile MODEL --emit shared -o FILE makes one");
  }
  if (auto usable = check_program(*program); !usable) {
    Error error = std::move(usable).error();
    error.message = fmt::format("'{}': {}", path, error.message);
    dlclose(library);
    return error;
  }
  return program;
}

Expected<void> check_program(const dlc_program& program) {
  if (program.version > DLC_ABI_VERSION)
    return make_error(ErrorCode::kUnimplemented, "the program needs version {} of the runtime, this is version {}",
                      program.version, DLC_ABI_VERSION)
        .note("install the runtime of the dlc that compiled it, or a later one");
  if (!machine_has(program.target))
    return make_error(ErrorCode::kUnimplemented, "the program is compiled for machines with {}, which this one lacks",
                      program.target)
        .note("compile it for this machine: dlc compile --target sse2, or avx2");
  return {};
}

}  // namespace dlc::runtime
